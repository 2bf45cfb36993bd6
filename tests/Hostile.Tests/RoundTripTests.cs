using System.Text;
using CsCheck;
using CudnnResNet.Images;
using CudnnResNet.Model;
using CudnnResNet.Runner.Images;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;

namespace CudnnResNet.Hostile.Tests;

/// <summary>What the engine writes, whatever it is given to write, it reads back: to the last bit.</summary>
[TestClass]
public sealed class RoundTripTests
{
    // Every letter there is, half a pair left out: what is written is UTF-8.
    private static readonly Gen<string> AnyText = Gen.Char.Array[0, 30].Select(letters => new string(letters)).Where(text => text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar));

    // Every float but NaN and the infinities, negative zero and denormals among them.
    private static readonly Gen<float> Finite = Gen.Float.Where(float.IsFinite);

    private static readonly Gen<NamedTensor> Tensor = Gen.Select(AnyText.Where(name => name is not "__metadata__"), Gen.Int[0, 4].Array[0, 4])
        .SelectMany((name, shape) => Gen.Float.Array[shape.Aggregate(1, (product, size) => product * size)].Select(values => new NamedTensor(name, shape, values)));

    private static readonly ArchitectureSpec Network = new(Architecture.Plain, 8);

    [TestMethod]
    public void Tensors_and_metadata_of_any_names_come_back() => Gen.Select(Tensor.Array[0, 6], Gen.Dictionary(AnyText, AnyText)[0, 5]).Sample((tensors, metadata) =>
    {
        tensors = [.. tensors.DistinctBy(tensor => tensor.Name)];
        using var file = new MemoryStream();
        SafeTensors.Write(file, tensors, metadata);
        file.Position = 0;
        var read = SafeTensors.Read(file, "file");
        CollectionAssert.AreEquivalent(tensors.Select(tensor => tensor.Name).ToArray(), read.Names.ToArray());
        foreach (var tensor in tensors)
        {
            CollectionAssert.AreEqual(tensor.Shape, read.Shape(tensor.Name));
            CollectionAssert.AreEqual(Array.ConvertAll(tensor.Values, BitConverter.SingleToInt32Bits), Array.ConvertAll(read.Floats(tensor.Name), BitConverter.SingleToInt32Bits));
        }
        Assert.HasCount(metadata.Count, read.Metadata);
        foreach (var (key, value) in metadata) Assert.AreEqual(value, read.Metadata[key]);
    }, iter: Iterations(500), threads: 1);

    [TestMethod]
    public void Weights_with_any_class_names_and_origin_come_back()
    {
        using var folder = new TemporaryFolder();
        Gen.Select(State(parametersOnly: false), AnyText.Array[10], Gen.Select(Gen.Int[0, 1_000_000], Gen.Double[0, 1], Gen.ULong), AnyText).Sample((state, names, origin, dataset) =>
        {
            var said = new WeightsOrigin(origin.Item1, origin.Item2, origin.Item3, dataset);
            WeightsFile.Save(folder["w"], Network, Normalization.ImageNet, state, said, names);
            var read = WeightsFile.Load(folder["w"]);
            Assert.AreEqual(state.Sha256(), read.State.Sha256());
            Assert.AreEqual(said, read.Origin);
            CollectionAssert.AreEqual(names, read.ClassNames!.ToArray());
        }, iter: Iterations(10), threads: 1);
    }

    [TestMethod]
    public void Checkpoints_of_any_numbers_come_back()
    {
        using var folder = new TemporaryFolder();
        Gen.Select(State(parametersOnly: false), State(parametersOnly: true), Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[0, int.MaxValue], Gen.ULong), Gen.Double[0, 1e300].Array[5], AnyText).Sample((state, momentum, counts, times, options) =>
        {
            var written = new Checkpoint
            {
                Architecture = Network, State = state, Momentum = momentum, Options = options, Seed = counts.Item3, Step = counts.Item1, Epoch = counts.Item2, StepInEpoch = counts.Item2 / 2,
                EpochTotals = new(counts.Item1, times[0], counts.Item1 / 2), Best = new(counts.Item2, times[1] / 1e300), ElapsedSeconds = times[2], EpochSeconds = times[3], TrainingSeconds = times[4], SummaryRows = counts.Item2,
            };
            written.Save(folder["last.state"]);
            var read = Checkpoint.Load(folder["last.state"]);
            Assert.AreEqual(written with { State = read.State, Momentum = read.Momentum }, read);
            Assert.AreEqual(state.Sha256(), read.State.Sha256());
            Assert.AreEqual(momentum.Sha256(), read.Momentum.Sha256());
        }, iter: Iterations(10), threads: 1);
    }

    [TestMethod]
    public void Options_come_back() => Gen.Select(Gen.Enum<Architecture>(), Gen.Int[1, 200], Gen.Int[1, 512], Gen.Double[1e-9, 100].Nullable(), Gen.Long[1, 1_000_000].Array[0, 5], Gen.Select(AnyText, AnyText), Gen.Select(Gen.Bool, Gen.ULong))
        .Sample((architecture, blocks, batch, rate, steps, texts, rest) =>
        {
            var options = new TrainOptions
            {
                Arch = architecture, Depth = 6 * blocks + 2, BatchSize = batch, Lr = rate, Milestones = steps.Length > 0 ? [.. steps.Distinct().Order()] : null, Data = texts.Item1, Name = texts.Item2, NoFlip = rest.Item1, Seed = rest.Item2,
            };
            Assert.AreEqual(options.ToJson(), TrainOptions.FromJson(options.ToJson()).ToJson());
        }, iter: Iterations(500), threads: 1);

    [TestMethod]
    public void Rows_of_a_summary_come_back()
    {
        using var folder = new TemporaryFolder();
        Gen.Select(Gen.Double[0, 1].Array[1, 20], Gen.Double[0, 1e300]).Sample((errors, loss) =>
        {
            var rows = errors.Select((error, epoch) => new SummaryRow(epoch, loss, error, error / 2, 0.1, loss, error, 1000, 1, epoch, "00"));
            File.WriteAllText(folder["resnet20.csv"], string.Concat(rows.Select(row => row.ToCsv()).Prepend(SummaryRow.Header).Select(line => line + "\n")));
            var read = RunReader.ReadCsv(folder["resnet20.csv"]);
            CollectionAssert.AreEqual(errors, read.Epochs.Select(epoch => epoch.TrainError).ToArray());
            Assert.IsTrue(read.Epochs.All(epoch => epoch.TrainLoss == loss));
        }, iter: Iterations(200), threads: 1);
    }

    [TestMethod]
    public void Images_without_loss_come_back() => Gen.Byte.Array[3 * 32 * 32].Sample(pixels =>
    {
        CollectionAssert.AreEqual(pixels, ImageDecoder.Decode(TestImages.Png(pixels), ImageFile.Limits).Pixels);
        CollectionAssert.AreEqual(pixels, ImageDecoder.Decode(TestImages.Bmp(pixels), ImageFile.Limits).Pixels);
    }, iter: Iterations(30), threads: 1);

    private static Gen<StateDict> State(bool parametersOnly) => Finite.Array[1, 50].Select(values =>
    {
        var state = new StateDict();
        foreach (var (name, shape) in StateCheck.Expected(Network, parametersOnly))
        {
            var filled = new float[shape.Aggregate(1, (product, size) => product * size)];
            for (int i = 0; i < filled.Length; i++) filled[i] = values[i % values.Length];
            state.Add(name, shape, name.EndsWith("running_var", StringComparison.Ordinal) ? Array.ConvertAll(filled, Math.Abs) : filled);
        }
        return state;
    });

    private static int Iterations(int usual) => ReaderTests.Iterations(usual);
}
