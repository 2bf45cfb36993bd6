Console.WriteLine("CudnnResNet");
