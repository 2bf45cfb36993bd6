using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using CudnnResNet.Runner.Commands;

namespace CudnnResNet.Runner;

/// <summary>The parser's help, at most 100 columns wide, with examples at its end.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const int Width = 100;

    private const string RootTail = """
        Examples:
          dotnet run --project Runner -- --depth 32            train ResNet-32 (no command means train)
          dotnet run --project Runner -- train --help          all options of training
          dotnet run --project Runner -- eval --weights runs/NAME/best.safetensors
          dotnet run --project Runner -- predict --weights runs/NAME/best.safetensors cat.jpg
          dotnet run --project Runner -- compare --device cpu --depth 20
          dotnet run --project Runner -- doctor                what this machine has, and what to type next

        Exit codes:
          0 done   1 failed   2 usage   3 device not usable   4 data or image missing or damaged
          5 weights or checkpoint damaged or not matching   6 diverged   130/143 interrupted after saving

        Environment:
          CUDNNRESNET_OPTION   sets an option, such as CUDNNRESNET_BATCH_SIZE=64 or CUDNNRESNET_JSON=1;
                               what is typed or in --config wins
          CIFAR10_DIR          where CIFAR-10 is        CUDNNRESNET_DATA_URL   a mirror to download from
          CUDNNRESNET_CACHE    where downloads go       CUDNNRESNET_CPU_ISA    forces the cpu's instructions
          NO_COLOR             plain lines              CUDNNRESNET_DEBUG=1    stack traces of errors
          CUDNNRESNET_CUDA_PATH, CUDNNRESNET_CUDNN_PATH  folders, toolkits or Python environments to
                               search first for the CUDA driver and cuBLAS, and for cuDNN
          CUDA_VISIBLE_DEVICES the GPUs that cuda:0, cuda:1, … stand for
        """;

    private readonly HelpAction inner = new() { MaxWidth = Width };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = inner.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        switch (parseResult.CommandResult.Command)
        {
            case RunnerCommand command:
                output.WriteLine("Examples:");
                foreach (string line in command.Examples.Split('\n')) output.WriteLine($"  dotnet run --project Runner -- {line}");
                break;
            case RootCommand:
                output.WriteLine(RootTail);
                break;
        }
        return code;
    }
}
