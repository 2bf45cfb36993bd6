using CudnnResNet.Model.Devices;
using CudnnResNet.Model.Devices.Delegating;
using CudnnResNet.Model.Devices.Profiling;
using CudnnResNet.Model.Devices.Reference;
using CudnnResNet.Model.Tests.Conformance;

namespace CudnnResNet.Model.Tests.Network;

/// <summary>A network's ranges in a trace, and around what a profiler of CUDA is to record.</summary>
[TestClass]
public sealed class TraceTests : EmulatedGpuTests
{
    private const int Batch = 3;
    private static readonly ArchitectureSpec Small = new(Architecture.ResNet, 8);

    public static IEnumerable<object[]> Devices => TestDevices.RowsWithReference;

    public static IEnumerable<object[]> DevicesWithoutProfiler => Devices.Where(row => TestDevices.Find((string)row[0]).Options.Kind != DeviceKind.Cuda);

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void Steps_hold_their_ops_in_the_order_in_which_they_run(string device)
    {
        var trace = new TraceRecorder(new(1, 2));
        using var network = Network(device, trace);
        using (network.Timeline.Open("epoch", 0)) Train(network, 2);
        var roots = Read(trace, out string[] names);
        CollectionAssert.AreEqual((string[])[$"process_name: CudnnResNet, resnet8 on {network.DeviceDescription}", "thread_name: run"], names);
        Assert.HasCount(1, roots);
        Assert.AreEqual(("epoch 0", "run"), (roots[0].Name, roots[0].Kind));
        string[] layers = [.. Small.Layers().Select(layer => layer.Name)];
        string[] ops = ["augment", .. layers.Select(name => $"{name} forward"), .. layers.Reverse().Select(name => $"{name} backward"), "update"];
        CollectionAssert.AreEqual((string[])["step 1", "step 2"], roots[0].Inner.Select(step => step.Name).ToArray());
        foreach (var step in roots[0].Inner)
        {
            Assert.AreEqual("step", step.Kind);
            CollectionAssert.AreEqual(ops, step.Inner.Select(op => op.Name).ToArray());
            Assert.IsTrue(step.Inner.All(op => op is { Kind: "op", Inner: [] }));
            Assert.IsLessThanOrEqualTo(step.Duration, step.Inner.Sum(op => op.Duration));
        }
    }

    [TestMethod]
    public void A_trace_of_all_steps_adds_up_to_the_profile()
    {
        var trace = new TraceRecorder(new(1, 5));
        using var network = Network("cpu-direct", trace, profile: true);
        Train(network, 5);
        var ops = Read(trace).SelectMany(step => step.Inner).GroupBy(op => op.Name).ToDictionary(group => group.Key, group => (double)group.Sum(op => op.Duration) * 1e-6);
        var rows = network.ReadProfile().Rows.Where(row => row.Op.Name != "other").ToList();
        Assert.HasCount(rows.Count, ops);
        foreach (var row in rows)
        {
            string name = row.Op.Direction is { } direction ? $"{row.Op.Name} {direction.ToString().ToLowerInvariant()}" : row.Op.Name;
            Assert.AreEqual(row.Seconds, ops[name], 1e-8, name);
        }
    }

    [TestMethod]
    public void Only_the_steps_of_the_window_are_there_and_all_outer_ranges()
    {
        var trace = new TraceRecorder(new(3, 4));
        using var network = Network("cpu-direct", trace);
        using (network.Timeline.OpenUncounted("warm-up")) Train(network, 3);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            using var range = network.Timeline.Open("epoch", epoch);
            Train(network, 2);
            using var evaluation = network.Timeline.Open("evaluation");
            Evaluate(network);
        }
        var roots = Read(trace);
        Assert.AreEqual(2, trace.StepsRecorded);
        Assert.AreEqual(0, trace.Dropped);
        CollectionAssert.AreEqual((string[])["warm-up", "epoch 0", "epoch 1", "epoch 2"], roots.Select(range => range.Name).ToArray());
        CollectionAssert.AreEqual((string[])["step 3", "step 4", "evaluation"], roots[2].Inner.Select(range => range.Name).ToArray());
        foreach (int other in (int[])[1, 3]) CollectionAssert.AreEqual((string[])["evaluation"], roots[other].All.Skip(1).Select(range => range.Name).ToArray());
        Assert.IsEmpty(roots[0].Inner);
    }

    [TestMethod]
    public void An_inference_network_has_passes_instead_of_steps()
    {
        var trace = new TraceRecorder(new(1, 10));
        using var network = Network("cpu-direct", trace, training: false);
        Evaluate(network);
        network.Infer(new float[3072], new float[10]);
        var roots = Read(trace);
        CollectionAssert.AreEqual((string[])["pass 1", "pass 2"], roots.Select(range => range.Name).ToArray());
        Assert.AreEqual("augment", roots[0].Inner[0].Name);
        Assert.AreEqual("conv1 forward", roots[1].Inner[0].Name);
    }

    [TestMethod]
    public void Passes_that_a_device_takes_in_parts_find_their_room()
    {
        var trace = new TraceRecorder(new(1, 2));
        using var network = new ResNet(Small, new() { Device = new() { Kind = DeviceKind.Cpu, Threads = 1 }, BatchSize = 100, Training = false, Trace = trace });
        using var set = network.LoadImages(new byte[100 * 3072], new byte[100]);
        network.Evaluate(set, 0, 100);
        network.Evaluate(set, 0, 100);
        Assert.AreEqual(0, trace.Dropped);
        Assert.IsGreaterThan(9, Read(trace)[1].Inner.Count);
    }

    [TestMethod]
    public void What_an_exception_leaves_open_is_closed()
    {
        var trace = new TraceRecorder(new(1, 10));
        var failing = new PlantedMistake { BeforeBackward = () => throw new DivergedException("here") };
        using var network = new ResNet(Small, new() { BatchSize = Batch, Trace = trace }, failing.Open);
        var unfinished = network.Timeline.Open("epoch", 0);
        Assert.ThrowsExactly<DivergedException>(() => Train(network, 1));
        var roots = Read(trace);
        Assert.AreEqual("fc forward", roots[0].Inner[0].Inner[^1].Name);
        unfinished.Dispose();
        using (network.Timeline.Open("evaluation")) { }
        roots = Read(trace);
        CollectionAssert.AreEqual((string[])["epoch 0", "evaluation"], roots.Select(range => range.Name).ToArray());
        CollectionAssert.AreEqual((string[])["step 1"], roots[0].Inner.Select(range => range.Name).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Devices))]
    public void A_trace_does_not_change_a_byte(string device)
    {
        Assert.AreEqual(Hash(null), Hash(new(new(2, 3))));

        string Hash(TraceRecorder? trace)
        {
            using var network = Network(device, trace);
            Train(network, 3);
            return network.State().Sha256() + network.Momentum().Sha256();
        }
    }

    [TestMethod]
    [DataRow(0, 5, "not FIRST:LAST")]
    [DataRow(5, 4, "not FIRST:LAST")]
    [DataRow(1, 1001, "1001 steps, more than 1000")]
    public void A_window_that_is_none_is_refused(int first, int last, string part) =>
        Assert.Contains($"trace-steps {first}:{last} is {part}", Assert.ThrowsExactly<InvalidSettingException>(() => new TraceRecorder(new(first, last))).Message);

    [TestMethod]
    public void A_profiler_of_CUDA_records_the_steps_of_its_range_only()
    {
        SwitchedDevice? device = null;
        using var network = new ResNet(Small, new() { BatchSize = Batch, CudaProfilerRange = new(2, 3) }, plan => device = new SwitchedDevice(new ReferenceDevice(plan)));
        using (network.Timeline.OpenUncounted("warm-up")) Train(network, 3);
        Evaluate(network);
        for (int step = 0; step < 4; step++)
        {
            device!.Events.Add("before a step");
            Train(network, 1);
        }
        CollectionAssert.AreEqual(
            (string[])["before a step", "before a step", "start", "augment", "before a step", "augment", "stop", "before a step"],
            device!.Events.Where((what, i) => what != "augment" || device.Events.IndexOf("start") < i && device.Events.IndexOf("stop") > i).ToArray());
    }

    [TestMethod]
    public void On_cuda_the_driver_is_told_when_the_range_begins_and_ends()
    {
        if (!Emulator.IsBuilt) Assert.Inconclusive("skipped: the emulator is not built");
        using var network = new ResNet(Small, new() { Device = new() { Kind = DeviceKind.Cuda }, BatchSize = Batch, CudaProfilerRange = new(2, 3) });
        var told = new List<(long, long)>();
        for (int step = 0; step < 4; step++)
        {
            Train(network, 1);
            told.Add((Emulator.Counters.ProfilerStarts, Emulator.Counters.ProfilerStops));
        }
        CollectionAssert.AreEqual((List<(long, long)>)[(0, 0), (1, 0), (1, 1), (1, 1)], told);
        Assert.AreEqual(0, Emulator.Counters.GraphLaunches);
    }

    [TestMethod]
    [DynamicData(nameof(DevicesWithoutProfiler))]
    public void A_device_that_has_no_such_profiler_refuses_the_range(string device)
    {
        var options = new NetworkOptions { Device = TestDevices.Find(device).Options, CudaProfilerRange = new(2, 3) };
        Assert.StartsWith("cuda-profiler-range 2:3 needs the cuda device; this one is ", Assert.ThrowsExactly<InvalidSettingException>(() => new ResNet(Small, options)).Message);
    }

    private static ResNet Network(string device, TraceRecorder? trace, bool training = true, bool profile = false) =>
        new(Small, new() { Device = TestDevices.Find(device).Options, BatchSize = Batch, Training = training, Profile = profile, Trace = trace });

    private static void Train(ResNet network, int steps)
    {
        using var set = network.LoadImages(TestData.Bytes(Batch * 3072, "pixels"), TestData.Bytes(Batch, "labels", 10));
        network.BeginEpoch(set, 0, [0, 1, 2], [0.1]);
        for (int step = 0; step < steps; step++) network.TrainStep(set, 0, 0, Batch);
    }

    private static void Evaluate(ResNet network)
    {
        using var set = network.LoadImages(new byte[Batch * 3072], new byte[Batch]);
        network.Evaluate(set, 0, Batch);
    }

    private static List<TracedRange> Read(TraceRecorder trace) => Read(trace, out _);

    private static List<TracedRange> Read(TraceRecorder trace, out string[] names)
    {
        using var folder = new TemporaryFolder();
        trace.Save(folder["trace.json"]);
        CollectionAssert.AreEqual((string[])["trace.json"], folder.Files);
        return TraceJson.Read(folder["trace.json"], out names);
    }

    /// <summary>A device that could tell a profiler, and writes down what it would tell it between its steps.</summary>
    private sealed class SwitchedDevice(IDevice inner) : DelegatingDevice(inner), IProfilerSwitch
    {
        public List<string> Events { get; } = [];

        public void StartProfiler() => Events.Add("start");

        public void StopProfiler() => Events.Add("stop");

        public override ConvNormUnit CreateConvNorm(ConvNormSpec spec) => Inner.CreateConvNorm(spec);

        public override HeadUnit CreateHead(HeadSpec spec) => Inner.CreateHead(spec);

        public override AugmentUnit CreateAugment(AugmentSpec spec) => new NotingAugment(Inner.CreateAugment(spec), Events);
    }

    private sealed class NotingAugment(AugmentUnit inner, List<string> events) : AugmentUnit(inner.Spec)
    {
        public override void Forward(ImageSet images, int first, int n, Mode mode, Activation x, Labels labels)
        {
            events.Add("augment");
            inner.Forward(images, first, n, mode, x, labels);
        }
    }
}
