using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Golden;

/// <summary>Runs that begin as libtorch's did.</summary>
internal sealed partial class GoldenRun
{
    /// <summary>The start of one of libtorch's runs, a batch of 8.</summary>
    /// <param name="name">resnet20, plain20 or resnet20-centred.</param>
    /// <param name="open">Opens what computes.</param>
    public static GoldenRun OfLibtorch(string name, Func<NetworkPlan, IDevice> open)
    {
        var file = Open(name);
        var kind = name.StartsWith("plain", StringComparison.Ordinal) ? Architecture.Plain : Architecture.ResNet;
        var padding = name.EndsWith("centred", StringComparison.Ordinal) ? ShortcutPadding.Centred : ShortcutPadding.Trailing;
        var run = new GoldenRun(new(kind, 20, padding), file.Floats("input"), Array.ConvertAll(file.Floats("labels"), value => (byte)value), open);
        run.Network.Load(Initial(file, run.Network.State()));
        return run;
    }

    /// <summary>Opens a golden file, or skips the test.</summary>
    public static SafeTensors Open(string name) => SafeTensors.Read(SharedFolder.File($"golden/{name}.safetensors"));

    private static StateDict Initial(SafeTensors file, StateDict layout)
    {
        var state = new StateDict();
        foreach (var tensor in layout.Tensors) state.Add(tensor.Name, tensor.Shape, file.Floats($"initial.{tensor.Name}"));
        return state;
    }
}
