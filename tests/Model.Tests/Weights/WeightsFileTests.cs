namespace CudnnResNet.Model.Tests.Weights;

[TestClass]
public class WeightsFileTests
{
    private static readonly ArchitectureSpec Plain8 = new(Architecture.Plain, 8);

    [TestMethod]
    [DataRow(ShortcutPadding.Centred, "centred")]
    [DataRow(ShortcutPadding.Reshape, "reshape")]
    public void What_is_saved_is_loaded(ShortcutPadding shortcut, string name)
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 14, shortcut);
        var state = Initializer.Create(architecture, 3);
        var normalization = Normalization.Channel([0.1, 1.0 / 3, 0.3], [0.2, 1e-5, 3]);
        WeightsFile.Save(folder["w.safetensors"], architecture, normalization, state, new(Epoch: 7, TestError: 0.1 + 0.2, Seed: ulong.MaxValue, Dataset: "synthetic", Step: long.MaxValue));

        var read = WeightsFile.Load(folder["w.safetensors"]);
        Assert.AreEqual(architecture, read.Architecture);
        Assert.AreEqual(new WeightsOrigin(7, 0.1 + 0.2, ulong.MaxValue, "synthetic", long.MaxValue), read.Origin);
        Assert.AreEqual("channel", read.Normalization.Name);
        CollectionAssert.AreEqual(normalization.Mean, read.Normalization.Mean);
        CollectionAssert.AreEqual(normalization.Std, read.Normalization.Std);
        Assert.AreEqual(state.Sha256(), read.State.Sha256());
        CollectionAssert.AreEqual(state.Tensors.Select(tensor => tensor.Name).ToArray(), read.State.Tensors.Select(tensor => tensor.Name).ToArray(), "the network's order");
        Assert.IsEmpty(read.Notices);
        Assert.AreEqual(NamingScheme.Own, read.Scheme);
        Assert.AreEqual("pt", read.Metadata["format"]);
        Assert.AreEqual(name, read.Metadata["shortcut"]);
        CollectionAssert.AreEqual(new[] { "w.safetensors" }, folder.Files, "no temporary file is left");
    }

    [TestMethod]
    public void The_mean_image_is_kept_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        var image = Enumerable.Range(0, 3072).Select(i => 1f / (i + 3)).ToArray();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Pixel(image), Initializer.Create(Plain8, 1));
        var read = WeightsFile.Load(folder["w"]).Normalization;
        Assert.AreEqual("pixel", read.Name);
        CollectionAssert.AreEqual(image, read.PixelMean);
    }

    // ---- Files without metadata ----

    [TestMethod]
    public void The_reference_projects_names_imply_its_shortcut_and_normalisation()
    {
        using var folder = new TemporaryFolder();
        var state = Bare(folder["w"], name => name switch
        {
            _ when name.StartsWith("conv1.", StringComparison.Ordinal) => "convIn" + name[5..],
            _ when name.StartsWith("bn1.", StringComparison.Ordinal) => "bnIn" + name[3..],
            _ when name.StartsWith("fc.", StringComparison.Ordinal) => "fcOut" + name[2..],
            _ when name.StartsWith("layer1.", StringComparison.Ordinal) => "stack1" + name[6..],
            _ when name[7] == '0' => $"stack{name[5]}a" + name[8..],
            _ => $"stack{name[5]}b.{name[7] - '1'}" + name[8..],
        }, depth: 20);
        var read = WeightsFile.Load(folder["w"]);
        Assert.AreEqual(NamingScheme.ReferenceProject, read.Scheme);
        Assert.AreEqual(new ArchitectureSpec(Architecture.ResNet, 20), read.Architecture);
        Assert.AreSame(Normalization.Reference, read.Normalization);
        Assert.AreEqual(state.Sha256(), read.State.Sha256());
        Assert.HasCount(3, read.Notices);
        StringAssert.Contains(read.Notices[0], "taken as residual (--arch overrides)");
        StringAssert.Contains(read.Notices[1], "taken as trailing");
        StringAssert.Contains(read.Notices[2], "taken as reference");
        Assert.AreEqual(new WeightsOrigin(), read.Origin);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("module.")]
    public void The_common_names_imply_centred_shortcuts_and_ImageNets_constants(string prefix)
    {
        using var folder = new TemporaryFolder();
        var state = Bare(folder["w"], name => prefix + (name.StartsWith("fc.", StringComparison.Ordinal) ? "linear" + name[2..] : name), depth: 14);
        var read = WeightsFile.Load(folder["w"]);
        Assert.AreEqual(NamingScheme.Common, read.Scheme);
        Assert.AreEqual(new ArchitectureSpec(Architecture.ResNet, 14, ShortcutPadding.Centred), read.Architecture);
        Assert.AreSame(Normalization.ImageNet, read.Normalization);
        Assert.AreEqual(state.Sha256(), read.State.Sha256());
        Assert.HasCount(3, read.Notices);
    }

    [TestMethod]
    public void Own_names_without_metadata_are_taken_as_residual_trailing_reference_and_it_is_said()
    {
        using var folder = new TemporaryFolder();
        Bare(folder["w"], name => name, depth: 8);
        var read = WeightsFile.Load(folder["w"]);
        Assert.AreEqual(new ArchitectureSpec(Architecture.ResNet, 8), read.Architecture);
        Assert.AreSame(Normalization.Reference, read.Normalization);
        Assert.HasCount(3, read.Notices);
        Assert.IsTrue(read.Notices.All(notice => !notice.Contains('\n')));
    }

    [TestMethod]
    public void Overrides_win_and_leave_nothing_to_notice()
    {
        using var folder = new TemporaryFolder();
        Bare(folder["bare"], name => name, depth: 8);
        WeightsFile.Save(folder["full"], Plain8, Normalization.Reference, Initializer.Create(Plain8, 1));
        var overrides = new WeightsOverrides { Architecture = Architecture.ResNet, Shortcut = ShortcutPadding.Centred, Normalization = Normalization.ImageNet };
        foreach (string file in new[] { "bare", "full" })
        {
            var read = WeightsFile.Load(folder[file], overrides);
            Assert.AreEqual(new ArchitectureSpec(Architecture.ResNet, 8, ShortcutPadding.Centred), read.Architecture);
            Assert.AreSame(Normalization.ImageNet, read.Normalization);
            Assert.IsEmpty(read.Notices);
        }
    }

    // ---- Refusals ----

    [TestMethod]
    public void Altered_weights_are_found_by_their_hash()
    {
        using var folder = new TemporaryFolder();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Reference, Initializer.Create(Plain8, 1));
        byte[] bytes = File.ReadAllBytes(folder["w"]);
        bytes[^1] ^= 1;
        File.WriteAllBytes(folder["w"], bytes);
        StringAssert.Contains(Refusal(folder["w"]), "altered");
    }

    [TestMethod]
    public void Missing_and_unknown_tensors_are_listed()
    {
        using var folder = new TemporaryFolder();
        Bare(folder["w"], name => name == "bn1.bias" ? "bn1.beta" : name, depth: 8);
        string message = Refusal(folder["w"]);
        StringAssert.Contains(message, "missing 'bn1.bias'");
        StringAssert.Contains(message, "unknown 'bn1.beta'");
    }

    [TestMethod]
    public void A_network_of_another_kind_is_refused()
    {
        using var folder = new TemporaryFolder();
        Write(folder["w"], [new("encoder.weight", [1], [1])]);
        StringAssert.Contains(Refusal(folder["w"]), "'encoder.weight'");
        Write(folder["none"], []);
        StringAssert.Contains(Refusal(folder["none"]), "the file has none");
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(100)]
    public void The_number_of_classes_and_their_names_are_kept(int classes)
    {
        using var folder = new TemporaryFolder();
        var architecture = new ArchitectureSpec(Architecture.ResNet, 8, classes: classes);
        string[] names = [.. Enumerable.Range(0, classes).Select(number => $"\"{number}\", é, 三\n")];
        WeightsFile.Save(folder["w"], architecture, Normalization.Reference, Initializer.Create(architecture, 1), classNames: names);
        var read = WeightsFile.Load(folder["w"]);
        Assert.AreEqual(architecture, read.Architecture);
        CollectionAssert.AreEqual(names, read.ClassNames!.ToArray());
        CollectionAssert.AreEqual(names, ClassNames.Of(read).ToArray());
        StringAssert.Contains(Assert.ThrowsExactly<WeightsException>(() => read.Require(new(Architecture.ResNet, 8))).Message, $"the weights are for {classes} classes, the network has 10");
        Assert.ThrowsExactly<InvalidSettingException>(() => WeightsFile.Save(folder["x"], architecture, Normalization.Reference, read.State, classNames: names[1..]));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(257)]
    public void Too_few_or_too_many_classes_are_refused(int classes)
    {
        using var folder = new TemporaryFolder();
        Write(folder["w"], Initializer.Create(Plain8, 1).Tensors.Select(tensor => tensor.Name switch
        {
            "fc.weight" => new(tensor.Name, [classes, 64], new float[classes * 64]),
            "fc.bias" => new(tensor.Name, [classes], new float[classes]),
            _ => tensor,
        }));
        StringAssert.Contains(Refusal(folder["w"]), $"tensor 'fc.bias' is for {classes} classes, allowed are 2 to 256");
    }

    [TestMethod]
    public void A_wrong_shape_is_refused()
    {
        using var folder = new TemporaryFolder();
        var tensors = Initializer.Create(Plain8, 1).Tensors.Select(tensor => tensor.Name == "fc.weight" ? new("fc.weight", [64, 10], tensor.Values) : tensor);
        Write(folder["w"], tensors);
        StringAssert.Contains(Refusal(folder["w"]), "tensor 'fc.weight' has shape (64, 10), resnet8 needs (10, 64)");
    }

    [TestMethod]
    [DataRow("fc.weight", float.NaN, "not a finite float")]
    [DataRow("bn1.running_mean", float.NegativeInfinity, "not a finite float")]
    [DataRow("bn1.running_var", -1e-6f, "a variance is not negative")]
    public void Values_that_no_training_gives_are_refused_unless_allowed(string name, float value, string message)
    {
        using var folder = new TemporaryFolder();
        var state = Initializer.Create(Plain8, 1);
        state[name].Values[3] = value;
        Write(folder["w"], state.Tensors);
        string refusal = Refusal(folder["w"]);
        StringAssert.Contains(refusal, $"tensor '{name}'");
        StringAssert.Contains(refusal, message);
        Assert.AreEqual(state.Sha256(), WeightsFile.Load(folder["w"], new() { AllowNonFinite = true }).State.Sha256());
    }

    [TestMethod]
    [DataRow("arch", "vgg")]
    [DataRow("shortcut", "B")]
    [DataRow("depth", "14")]
    [DataRow("depth", "eight")]
    [DataRow("depth", "99999999999999999999")]
    [DataRow("epoch", "-1")]
    [DataRow("seed", "1.5")]
    [DataRow("test_error", "NaN")]
    [DataRow("normalize_mean", "0.5,0.5")]
    [DataRow("normalize_mean", "0.5,0.5,x")]
    [DataRow("normalize_std", "1,1,0")]
    [DataRow("normalize_std", "1,1,-1")]
    [DataRow("normalize_std", "1,1,1e999")]
    [DataRow("normalize", "pixel")]
    [DataRow("weights_sha256", "")]
    [DataRow("classes", "11")]
    [DataRow("classes", "ten")]
    [DataRow("class_names", "cat,dog")]
    [DataRow("class_names", "[\"cat\",\"dog\"]")]
    [DataRow("class_names", "[0,1,2,3,4,5,6,7,8,9]")]
    [DataRow("class_names", "{}")]
    public void Metadata_that_make_no_sense_are_refused(string key, string value)
    {
        using var folder = new TemporaryFolder();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Reference, Initializer.Create(Plain8, 1), new(1, 0.5, 1));
        var good = SafeTensors.Read(folder["w"]);
        Write(folder["w"], WeightsFile.Load(folder["w"]).State.Tensors, Unsealed(good.Metadata, key, value));
        StringAssert.StartsWith(Refusal(folder["w"]), folder["w"] + ": ");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("AAAA")]
    [DataRow("!")]
    public void A_mean_image_that_is_none_is_refused(string base64)
    {
        using var folder = new TemporaryFolder();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Pixel(new float[3072]), Initializer.Create(Plain8, 1));
        var good = SafeTensors.Read(folder["w"]);
        Write(folder["w"], WeightsFile.Load(folder["w"]).State.Tensors, Unsealed(good.Metadata, "normalize_pixel_mean", base64));
        StringAssert.Contains(Refusal(folder["w"]), "normalize_pixel_mean");
    }

    [TestMethod]
    public void Metadata_that_were_altered_are_refused_unless_their_checksum_was_left_out()
    {
        using var folder = new TemporaryFolder();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Reference, Initializer.Create(Plain8, 1), new(1, 0.5, 1, "mine"), ClassNames.Cifar10);
        var good = SafeTensors.Read(folder["w"]);
        var tensors = WeightsFile.Load(folder["w"]).State.Tensors;
        foreach (string key in good.Metadata.Keys)
        {
            Write(folder["w"], tensors, new Dictionary<string, string>(good.Metadata) { [key] = good.Metadata[key] + " " });
            Assert.IsNotEmpty(Refusal(folder["w"]), key);
            if (key == "metadata_sha256") continue;
            Write(folder["w"], tensors, good.Metadata.Where(entry => entry.Key != key).ToDictionary());
            Assert.IsNotEmpty(Refusal(folder["w"]), $"without {key}");
        }
        Write(folder["w"], tensors, new Dictionary<string, string>(good.Metadata) { ["dataset"] = "other" });
        StringAssert.Contains(Refusal(folder["w"]), "the metadata have been altered: their SHA-256 is not the one in 'metadata_sha256'");
        Write(folder["w"], tensors, Unsealed(good.Metadata, "dataset", "other"));
        Assert.AreEqual("other", WeightsFile.Load(folder["w"]).Origin.Dataset);
    }

    [TestMethod]
    public void Weights_of_another_network_are_refused_with_both_names()
    {
        using var folder = new TemporaryFolder();
        WeightsFile.Save(folder["w"], Plain8, Normalization.Reference, Initializer.Create(Plain8, 1));
        var file = WeightsFile.Load(folder["w"]);
        file.Require(Plain8);
        foreach (var other in new ArchitectureSpec[] { new(Architecture.Plain, 14), new(Architecture.ResNet, 8) })
        {
            var error = Assert.ThrowsExactly<WeightsException>(() => file.Require(other));
            StringAssert.Contains(error.Message, $"the weights are plain8's, the network is {other.Name}");
        }
        var trailing = WeightsFile.Load(folder["w"], new() { Architecture = Architecture.ResNet, Shortcut = ShortcutPadding.Trailing });
        var shortcut = Assert.ThrowsExactly<WeightsException>(() => trailing.Require(new(Architecture.ResNet, 8, ShortcutPadding.Centred)));
        StringAssert.Contains(shortcut.Message, "trailing");
    }

    [TestMethod]
    public void A_state_of_another_depth_says_so()
    {
        var state = Initializer.Create(Plain8, 1);
        var error = Assert.ThrowsExactly<WeightsException>(() => StateCheck.SameLayout(new(Architecture.ResNet, 32), state, parametersOnly: false));
        Assert.AreEqual("the weights are those of a network of depth 8, the network is resnet32", error.Message);
        Assert.ThrowsExactly<WeightsException>(() => WeightsFile.Save("never-written", new(Architecture.ResNet, 32), Normalization.Reference, state));
        Assert.IsFalse(File.Exists("never-written"));
    }

    [TestMethod]
    public void No_flipped_byte_and_no_cut_gives_other_weights()
    {
        using var folder = new TemporaryFolder();
        var state = Initializer.Create(Plain8, 1);
        WeightsFile.Save(folder["w"], Plain8, Normalization.Reference, state, new(1, 0.5, 1));
        byte[] good = File.ReadAllBytes(folder["w"]);
        int data = 8 + BitConverter.ToInt32(good), refused = 0, tried = 0;
        // Every seventh byte of the header; of the 300 KB of weights, in which all bytes are alike, a few.
        for (int i = 0; i < good.Length; i += i < data ? 7 : 9973)
        {
            var altered = (byte[])good.Clone();
            altered[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(folder["w"], altered);
            tried++;
            try
            {
                Assert.AreEqual(state.Sha256(), WeightsFile.Load(folder["w"]).State.Sha256(), $"byte {i}");
            }
            catch (WeightsException)
            {
                refused++;
            }
            File.WriteAllBytes(folder["w"], good[..i]);
            Refusal(folder["w"]);
        }
        Assert.IsGreaterThan(tried * 3 / 4, refused, "only bytes of the metadata may be altered unnoticed");
    }

    // ---- The files of the reference project ----

    [TestMethod]
    [DataRow("data/pretrained/seed-resnet20.safetensors")]
    [DataRow("data/pretrained/seed-plainnet20.safetensors")]
    public void Pretrained(string relative)
    {
        var read = WeightsFile.Load(SharedFolder.File(relative));
        Assert.AreEqual(NamingScheme.ReferenceProject, read.Scheme);
        Assert.AreEqual(new ArchitectureSpec(Architecture.ResNet, 20, ShortcutPadding.Trailing), read.Architecture);
        Assert.AreSame(Normalization.Reference, read.Normalization);
        Assert.AreEqual(269_722, read.State.Tensors.Where(tensor => !tensor.Name.Contains("running_")).Sum(tensor => tensor.Values.Length));
    }

    // As somebody edits them who knows of the checksum.
    private static Dictionary<string, string> Unsealed(IReadOnlyDictionary<string, string> metadata, string key, string value)
    {
        var edited = new Dictionary<string, string>(metadata) { [key] = value };
        edited.Remove("metadata_sha256");
        return edited;
    }

    private static string Refusal(string path) => Assert.ThrowsExactly<WeightsException>(() => WeightsFile.Load(path)).Message;

    private static StateDict Bare(string path, Func<string, string> rename, int depth)
    {
        var state = Initializer.Create(new(Architecture.Plain, depth), 5);
        Write(path, state.Tensors.Select(tensor => tensor with { Name = rename(tensor.Name) }));
        return state;
    }

    private static void Write(string path, IEnumerable<NamedTensor> tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = File.Create(path);
        SafeTensors.Write(stream, tensors, metadata);
    }
}
