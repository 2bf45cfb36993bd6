using System.Buffers;
using System.Numerics.Tensors;
using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests;

[TestClass]
public sealed class PredictorTests
{
    private const int ImageSize = 3 * 32 * 32;

    private static readonly ArchitectureSpec ResNet8 = new(Architecture.ResNet, 8);
    private static readonly DeviceOptions Cpu = new() { Kind = DeviceKind.Cpu, Threads = 2 };

    [TestMethod]
    public void Logits_are_those_of_the_network_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using var predictor = Predictor.Load(Saved(folder, ResNet8), new() { Device = Cpu });
        using var network = Network(ResNet8);
        float[] images = TestData.Normal(5 * ImageSize, "images"), expected = new float[50];
        network.Infer(images, expected);
        Tensor<float> logits = predictor.Logits(new ReadOnlyTensorSpan<float>(images, [5, 3, 32, 32]));
        Assert.AreEqual("5,10", string.Join(',', logits.Lengths.ToArray()));
        CollectionAssert.AreEqual(expected, Values(logits));
    }

    [TestMethod]
    public void Any_number_of_images_gives_the_bytes_that_each_image_gives_alone()
    {
        using var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu, BatchSize = 4 });
        float[] images = TestData.Normal(11 * ImageSize, "images");
        float[] alone = [.. Enumerable.Range(0, 11).SelectMany(i => Values(predictor.Logits(Images(images.AsSpan(i * ImageSize, ImageSize)))))];
        foreach (int n in (int[])[0, 1, 3, 4, 5, 8, 11])
        {
            var logits = predictor.Logits(Images(images.AsSpan(0, n * ImageSize)));
            Assert.AreEqual($"{n},10", string.Join(',', logits.Lengths.ToArray()));
            CollectionAssert.AreEqual(alone[..(10 * n)], Values(logits), $"{n} images");
            Assert.HasCount(10 * n, Values(predictor.Probabilities(Images(images.AsSpan(0, n * ImageSize)))));
        }
    }

    [TestMethod]
    public void Images_that_do_not_lie_together_are_read_in_their_order()
    {
        using var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu });
        float[] images = TestData.Normal(4 * ImageSize, "images");
        var every = Tensor.Create(images, [4, 3, 32, 32]);
        var second = every.AsReadOnlyTensorSpan().Slice([new NRange(1, 2), NRange.All, NRange.All, NRange.All]);
        CollectionAssert.AreEqual(Values(predictor.Logits(Images(images.AsSpan(ImageSize, ImageSize)))), Values(predictor.Logits(second)));
        // Rows and columns exchanged: strides that are no longer those of a dense tensor.
        var turned = Tensor.PermuteDimensions(every, [0, 1, 3, 2]);
        float[] dense = new float[images.Length];
        for (int i = 0; i < images.Length; i++) dense[i / 1024 * 1024 + i % 32 * 32 + i / 32 % 32] = images[i];
        CollectionAssert.AreEqual(Values(predictor.Logits(Images(dense))), Values(predictor.Logits(turned)));
    }

    [TestMethod]
    [DataRow("reference")]
    [DataRow("channel")]
    [DataRow("pixel")]
    public void Bytes_are_normalised_as_the_file_says(string kind)
    {
        var normalization = kind switch
        {
            "reference" => Normalization.Reference,
            "channel" => Normalization.Channel([0.1, 0.2, 0.3], [0.4, 0.5, 0.6]),
            _ => Normalization.Pixel(Array.ConvertAll(TestData.Normal(ImageSize, "mean", 0.1, 0.5), value => value)),
        };
        using var folder = new TemporaryFolder();
        using var predictor = Predictor.Load(Saved(folder, ResNet8, normalization), new() { Device = Cpu, BatchSize = 2 });
        Assert.AreEqual(normalization.Name, predictor.Normalization.Name);
        byte[] pixels = TestData.Bytes(5 * ImageSize, "pixels");
        var table = normalization.Table();
        float[] images = new float[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            images[i] = table[i / 1024 % 3 * 256 + pixels[i]] - (normalization.PixelMean?[i % ImageSize] ?? 0);
        CollectionAssert.AreEqual(Values(predictor.Logits(Images(images))), Values(predictor.Logits(pixels)));
        CollectionAssert.AreEqual(Values(predictor.Probabilities(Images(images))), Values(predictor.Probabilities(pixels)));
    }

    [TestMethod]
    public void Bytes_are_counted_as_evaluation_counts_them()
    {
        using var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu });
        using var network = Network(ResNet8);
        byte[] pixels = TestData.Bytes(20 * ImageSize, "pixels");
        byte[] predicted = [.. predictor.Classify(pixels).Select(prediction => (byte)prediction.Best.Class)];
        using var images = network.LoadImages(pixels, predicted);
        network.ResetTotals();
        network.Evaluate(images, 0, 20);
        Assert.AreEqual(20, network.ReadTotals().Correct);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    public void Eight_threads_get_the_bytes_of_one(int concurrency)
    {
        using var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu, BatchSize = 4, Concurrency = concurrency });
        byte[][] pixels = [.. Enumerable.Range(0, 40).Select(i => TestData.Bytes((1 + i % 6) * ImageSize, $"call {i}"))];
        float[][] serial = [.. pixels.Select(images => Values(predictor.Logits(images)))];
        var wrong = new int[8];
        OnEightThreads(thread =>
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                int call = (i + 5 * thread) % pixels.Length;
                if (!Values(predictor.Logits(pixels[call])).SequenceEqual(serial[call])) wrong[thread]++;
            }
        });
        Assert.AreEqual(0, wrong.Sum());
    }

    /// <summary>Every third call is cancelled: before it begins, while it waits for its turn, or between two batches.</summary>
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    public void Calls_that_are_cancelled_disturb_no_others(int concurrency)
    {
        using var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu, BatchSize = 2, Concurrency = concurrency });
        byte[][] pixels = [.. Enumerable.Range(0, 24).Select(i => TestData.Bytes((1 + i % 6) * ImageSize, $"call {i}"))];
        float[][] serial = [.. pixels.Select(images => Values(predictor.Logits(images)))];
        int cancelled = 0, wrong = 0;
        OnEightThreads(thread =>
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                int call = (i + 5 * thread) % pixels.Length;
                using var source = new CancellationTokenSource();
                if (i % 6 == 0) source.Cancel();
                else if (i % 3 == 0) source.CancelAfter(i % 4); // milliseconds, of the time that some calls wait and take
                try
                {
                    if (!Values(predictor.Logits(pixels[call], source.Token)).SequenceEqual(serial[call])) Interlocked.Increment(ref wrong);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }
            }
        });
        Assert.AreEqual(0, wrong);
        Assert.IsGreaterThanOrEqualTo(8 * 4, cancelled, "those cancelled before they began");
        CollectionAssert.AreEqual(serial[3], Values(predictor.Logits(pixels[3])), "all networks are back");
    }

    [TestMethod]
    public void A_call_that_is_cancelled_while_it_waits_leaves_the_queue()
    {
        using var pool = new NetworkPool(Network(ResNet8), () => Network(ResNet8), most: 1);
        using var cancel = new CancellationTokenSource();
        ResNet only = pool.Rent();
        var waiting = Task.Run(() => Assert.ThrowsExactly<OperationCanceledException>(() => pool.Rent(cancel.Token)));
        Assert.IsFalse(waiting.Wait(50));
        cancel.Cancel();
        Assert.IsTrue(waiting.Wait(TimeSpan.FromMinutes(1)));
        pool.Return(only);
        Assert.AreSame(only, pool.Rent());
    }

    [TestMethod]
    public void A_predictor_disposed_while_in_use_ends_its_calls_and_begins_no_others()
    {
        byte[] pixels = TestData.Bytes(3 * ImageSize, "pixels");
        for (int round = 0; round < 10; round++)
        {
            var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu, BatchSize = 1, Concurrency = 1 + round % 3 });
            float[] expected = Values(predictor.Logits(pixels));
            int done = 0, wrong = 0;
            OnEightThreads(thread =>
            {
                if (thread == 0)
                {
                    while (Volatile.Read(ref done) < round) Thread.Yield();
                    predictor.Dispose();
                    return;
                }
                while (true)
                {
                    try
                    {
                        if (!Values(predictor.Logits(pixels)).SequenceEqual(expected)) Interlocked.Increment(ref wrong);
                        Interlocked.Increment(ref done);
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }
                }
            });
            Assert.AreEqual(0, wrong);
        }
    }

    [TestMethod]
    public void Probabilities_are_the_softmax_of_the_logits()
    {
        using var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu });
        byte[] pixels = TestData.Bytes(3 * ImageSize, "pixels");
        float[] logits = Values(predictor.Logits(pixels)), probabilities = Values(predictor.Probabilities(pixels));
        for (int i = 0; i < 3; i++)
        {
            double sum = logits.Skip(10 * i).Take(10).Sum(logit => Math.Exp(logit));
            for (int c = 10 * i; c < 10 * i + 10; c++) Assert.AreEqual(Math.Exp(logits[c]) / sum, probabilities[c], 1e-6);
        }
    }

    [TestMethod]
    public void Classes_are_ranked_and_named()
    {
        // Weights of 0 leave the bias: logits of our choice, large enough to overflow an exponential.
        var state = Constant(3, 1000, -1000, 1000, 7, 0, 0, 0, 0, 999);
        using var predictor = new Predictor(WithState(ResNet8, state), new() { Device = Cpu });
        var prediction = predictor.Classify(new byte[ImageSize], top: 10)[0];
        CollectionAssert.AreEqual(new[] { 1, 3, 9, 4, 0, 5, 6, 7, 8, 2 }, prediction.Classes.Select(item => item.Class).ToArray(), "the first of equals comes first");
        Assert.AreEqual("automobile", prediction.Best.Name);
        Assert.AreEqual("bird", prediction.Classes[^1].Name);
        double both = 2 + Math.Exp(-1);
        Assert.AreEqual(1 / both, prediction.Best.Probability, 1e-6);
        Assert.AreEqual(Math.Exp(-1) / both, prediction.Classes[2].Probability, 1e-6);
        Assert.AreEqual(0f, prediction.Classes[^1].Probability);
        Assert.HasCount(2, predictor.Classify(new byte[ImageSize], top: 2)[0].Classes);
        Assert.IsEmpty(predictor.Classify([]));
    }

    [TestMethod]
    public void Classes_are_named_as_the_caller_or_the_data_set_has_it()
    {
        string[] own = [.. "abcdefghij".Select(letter => letter.ToString())];
        using (var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu, ClassNames = own })) CollectionAssert.AreEqual(own, predictor.ClassNames.ToArray());
        using (var predictor = new Predictor(Weights(ResNet8, "cifar10"), new() { Device = Cpu })) Assert.AreEqual("truck", predictor.ClassNames[9]);
        using (var predictor = new Predictor(Weights(ResNet8, "flowers"), new() { Device = Cpu })) Assert.AreEqual("class 9", predictor.ClassNames[9]);
        Refused(() => new Predictor(Weights(ResNet8), new() { Device = Cpu, ClassNames = own[1..] }).Dispose(), "9 class names are not one for each of 10");
    }

    [TestMethod]
    public void A_networks_weights_are_copied()
    {
        using var network = Network(ResNet8, training: true);
        byte[] pixels = TestData.Bytes(ImageSize, "pixels");
        using var predictor = new Predictor(network);
        float[] before = Values(predictor.Logits(pixels));
        network.TrainStep(TestData.Normal(ImageSize, "images"), [3], 0.1);
        CollectionAssert.AreEqual(before, Values(predictor.Logits(pixels)));
        using var later = new Predictor(network);
        CollectionAssert.AreNotEqual(before, Values(later.Logits(pixels)));
    }

    [TestMethod]
    public void Other_devices_answer_alike()
    {
        byte[] pixels = TestData.Bytes(2 * ImageSize, "pixels");
        using var cpu = new Predictor(Weights(ResNet8), new() { Device = Cpu });
        using var reference = new Predictor(Weights(ResNet8), new() { Device = new() { Kind = DeviceKind.Reference } });
        Assert.AreEqual(DeviceKind.Reference, reference.DeviceKind);
        Logits.AssertClose(Values(reference.Logits(pixels)), Values(cpu.Logits(pixels)));
    }

    [TestMethod]
    public void What_cannot_be_is_refused()
    {
        using (var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu }))
        {
            Refused(() => predictor.Logits(new byte[ImageSize + 1]), "3073 pixel bytes");
            Refused(() => predictor.Logits(new ReadOnlyTensorSpan<float>(new float[ImageSize], [3, 32, 32])), "(3, 32, 32) are not (N, 3, 32, 32)");
            Refused(() => predictor.Logits(new ReadOnlyTensorSpan<float>(new float[ImageSize], [1, 32, 32, 3])), "(1, 32, 32, 3) are not (N, 3, 32, 32)");
            Refused(() => predictor.Classify(new byte[ImageSize], top: 0), "top 0 is not within 1..10");
            Refused(() => predictor.Classify(new byte[ImageSize], top: 11), "top 11 is not within 1..10");
        }
        Refused(() => new Predictor(Weights(ResNet8), new() { Device = Cpu, Concurrency = -1 }).Dispose(), "concurrency -1 is not within 1..256");
        Refused(() => new Predictor(Weights(ResNet8), new() { Device = Cpu, BatchSize = 0 }).Dispose(), "batch size 0");
        Assert.Contains("nowhere", Assert.ThrowsExactly<WeightsException>(() => Predictor.Load("nowhere")).Message);
    }

    [TestMethod]
    public void A_disposed_predictor_says_so_and_a_call_under_way_ends_well()
    {
        var pool = new NetworkPool(Network(ResNet8), () => Network(ResNet8), most: 2);
        ResNet first = pool.Rent(), second = pool.Rent();
        Assert.AreNotSame(first, second);
        var waiting = Task.Run(() => Assert.ThrowsExactly<ObjectDisposedException>(() => pool.Rent()));
        pool.Dispose();
        waiting.Wait();
        first.Infer(new float[ImageSize], new float[10]);
        pool.Return(first);
        pool.Return(second);
        pool.Dispose();

        var predictor = new Predictor(Weights(ResNet8), new() { Device = Cpu });
        predictor.Dispose();
        predictor.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => predictor.Logits(new byte[ImageSize]));
    }

    [TestMethod]
    public void A_network_that_cannot_be_made_leaves_its_place_free()
    {
        int made = 0;
        using var pool = new NetworkPool(Network(ResNet8), () => made++ == 0 ? throw new DeviceUnavailableException("no room") : Network(ResNet8), most: 2);
        ResNet first = pool.Rent();
        Assert.ThrowsExactly<DeviceUnavailableException>(() => pool.Rent());
        ResNet second = pool.Rent();
        pool.Return(first);
        pool.Return(second);
        Assert.AreSame(first, pool.Rent(), "the one with all threads comes first");
    }

    /// <summary>Runs something on eight threads that begin at the same time, and fails where one does not end or throws.</summary>
    private static void OnEightThreads(Action<int> action)
    {
        using var start = new Barrier(8);
        var errors = new Exception?[8];
        var threads = Enumerable.Range(0, 8).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                action(thread);
            }
            catch (Exception error)
            {
                errors[thread] = error;
            }
        }) { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        Assert.IsTrue(threads.All(thread => thread.Join(TimeSpan.FromMinutes(1))), "two threads in one network hang");
        Assert.IsNull(errors.FirstOrDefault(error => error is not null));
    }

    private static void Refused(Action action, string text) => Assert.Contains(text, Assert.ThrowsExactly<InvalidSettingException>(action).Message);

    private static ReadOnlyTensorSpan<float> Images(ReadOnlySpan<float> values) => new(values.ToArray(), [values.Length / ImageSize, 3, 32, 32]);

    private static float[] Values(Tensor<float> tensor)
    {
        var values = new float[tensor.FlattenedLength];
        tensor.FlattenTo(values);
        return values;
    }

    private static ResNet Network(ArchitectureSpec architecture, bool training = false) => new(architecture, new() { Device = Cpu, BatchSize = 20, Training = training, Seed = 5 });

    private static StateDict Constant(params float[] logits)
    {
        var state = new StateDict();
        foreach (var tensor in Initializer.Create(ResNet8, 5).Tensors)
            state.Add(tensor.Name, [.. tensor.Shape], tensor.Name switch { "fc.weight" => new float[tensor.Values.Length], "fc.bias" => logits, _ => tensor.Values });
        return state;
    }

    private static WeightsFile Weights(ArchitectureSpec architecture, string? dataset = null) => WithState(architecture, Initializer.Create(architecture, 5), dataset);

    private static WeightsFile WithState(ArchitectureSpec architecture, StateDict state, string? dataset = null)
    {
        using var folder = new TemporaryFolder();
        WeightsFile.Save(folder["w"], architecture, Normalization.Reference, state, new(Dataset: dataset));
        return WeightsFile.Load(folder["w"]);
    }

    private static string Saved(TemporaryFolder folder, ArchitectureSpec architecture, Normalization? normalization = null)
    {
        WeightsFile.Save(folder["w.safetensors"], architecture, normalization ?? Normalization.Reference, Initializer.Create(architecture, 5));
        return folder["w.safetensors"];
    }
}
