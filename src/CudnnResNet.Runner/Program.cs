return CudnnResNet.Runner.CommandLine.Run(args);
