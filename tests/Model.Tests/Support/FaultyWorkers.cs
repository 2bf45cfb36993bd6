using CudnnResNet.Model;
using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Cpu;
using CudnnResNet.Model.Devices.Delegating;

namespace CudnnResNet.Tests;

/// <summary>A cpu device whose kernels throw on its worker threads when they are told to.</summary>
internal sealed class FaultyWorkers(IDevice inner, WorkPool pool) : DelegatingDevice(inner)
{
    private readonly List<string> layers = [];

    /// <summary>The layer, the direction and the thread whose next kernel throws; thread -1 for all of them at once; null for none.</summary>
    public (string Layer, bool Backward, int Thread)? Fault { get; set; }

    /// <summary>The layers, in forward order.</summary>
    public IReadOnlyList<string> Layers => layers;

    /// <summary>Makes networks with such a device.</summary>
    /// <param name="made">Is told of each device.</param>
    public static Func<ArchitectureSpec, NetworkOptions, ResNet> Networks(Action<FaultyWorkers> made) => (architecture, options) =>
        new(architecture, options, plan =>
        {
            // The narrowest registers, which every processor has.
            var cpu = new CpuDevice<Lanes128>(plan, new(options.Device.Threads, Winograd: true), "cpu with faulty workers");
            var device = new FaultyWorkers(cpu, cpu.Pool);
            made(device);
            return device;
        });

    public override ConvNormUnit CreateConvNorm(ConvNormSpec spec)
    {
        layers.Add(spec.Name);
        return new Unit(Inner.CreateConvNorm(spec), this);
    }

    public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);

    /// <summary>What <see cref="Fault"/> makes a kernel throw.</summary>
    public sealed class KernelException(int thread) : Exception($"a kernel of thread {thread} failed");

    private void Throw(string layer, bool backward)
    {
        if (Fault is not { } fault || fault.Layer != layer || fault.Backward != backward) return;
        Fault = null;
        pool.RunOnEach((_, thread) =>
        {
            if (fault.Thread < 0 || fault.Thread == thread) throw new KernelException(thread);
        });
    }

    private sealed class Unit(ConvNormUnit inner, FaultyWorkers device) : DelegatingConvNorm(inner)
    {
        public override void Forward(int n, Activation x, Activation? s, Mode mode, Activation y)
        {
            Inner.Forward(n, x, s, mode, y);
            device.Throw(Spec.Name, backward: false);
        }

        public override void Backward(int n, Gradient dy, Gradient? addend, Gradient? dx, Gradient? ds)
        {
            Inner.Backward(n, dy, addend, dx, ds);
            device.Throw(Spec.Name, backward: true);
        }
    }
}
