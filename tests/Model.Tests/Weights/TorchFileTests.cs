namespace CudnnResNet.Model.Tests.Weights;

/// <summary>Files as torch.save writes them, of each format and with all that a state dict may have.</summary>
[TestClass]
public class TorchFileTests
{
    private static readonly ArchitectureSpec ResNet8 = new(Architecture.ResNet, 8);

    public static IEnumerable<object[]> Formats => [["zip"], ["legacy"]];

    // ---- Whole networks ----

    [TestMethod]
    [DynamicData(nameof(Formats))]
    public void A_state_dict_is_read_bit_for_bit(string format)
    {
        using var folder = new TemporaryFolder();
        var state = Initializer.Create(ResNet8, 7);
        Write(folder["w.pt"], format, Network(state));
        var read = WeightsFile.Load(folder["w.pt"]);
        Assert.AreEqual(ResNet8, read.Architecture);
        Assert.AreEqual(NamingScheme.Own, read.Scheme);
        Assert.AreEqual(state.Sha256(), read.State.Sha256());
        Assert.HasCount(3, read.Notices, "such a file says nothing about itself");
        Assert.IsEmpty(read.Metadata);
    }

    [TestMethod]
    [DataRow("state_dict")]
    [DataRow("model_state_dict")]
    [DataRow("model")]
    [DataRow("net")]
    public void A_state_dict_is_found_in_a_training_scripts_dictionary(string key)
    {
        using var folder = new TemporaryFolder();
        var state = Initializer.Create(ResNet8, 7);
        foreach (string format in new[] { "zip", "legacy" })
        {
            Write(folder[format], format, Network(state, wrapper: key));
            Assert.AreEqual(state.Sha256(), WeightsFile.Load(folder[format]).State.Sha256());
        }
    }

    [TestMethod]
    public void Names_of_other_projects_are_mapped_as_in_safetensors()
    {
        using var folder = new TemporaryFolder();
        var state = Initializer.Create(new(Architecture.ResNet, 14), 7);
        Write(folder["akamaster.th"], "legacy", Network(state, name => "module." + NameMapping.NameIn(NamingScheme.Common, name), wrapper: "state_dict"));
        var common = WeightsFile.Load(folder["akamaster.th"]);
        Assert.AreEqual((NamingScheme.Common, ShortcutPadding.Centred, state.Sha256()), (common.Scheme, common.Architecture.Shortcut, common.State.Sha256()));
        Assert.AreSame(Normalization.ImageNet, common.Normalization);

        Write(folder["reference"], "zip", Network(state, name => NameMapping.NameIn(NamingScheme.ReferenceProject, name)));
        var reference = WeightsFile.Load(folder["reference"], new() { Architecture = Architecture.Plain });
        Assert.AreEqual((NamingScheme.ReferenceProject, "plain14", state.Sha256()), (reference.Scheme, reference.Architecture.Name, reference.State.Sha256()));
    }

    [TestMethod]
    public void The_content_tells_the_format_and_not_the_name()
    {
        using var folder = new TemporaryFolder();
        var state = Initializer.Create(ResNet8, 7);
        Write(folder["a.safetensors"], "zip", Network(state));
        WeightsFile.Save(folder["a.pt"], ResNet8, Normalization.Reference, state);
        Assert.AreEqual(state.Sha256(), WeightsFile.Load(folder["a.safetensors"]).State.Sha256());
        Assert.AreEqual(state.Sha256(), WeightsFile.Load(folder["a.pt"]).State.Sha256());
    }

    [TestMethod]
    public void A_safetensors_header_that_begins_as_a_pickle_is_no_pickle()
    {
        // 0x0280 = 640 bytes of header: the first two bytes are those of a pickle of protocol 2.
        string header = "{}" + new string(' ', 638);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["w"], SafeTensorsBytes.Build(header, []));
        Assert.IsInstanceOfType<SafeTensors>(TensorFile.Read(folder["w"]));
    }

    [TestMethod]
    public void The_parameters_of_a_module_are_tensors_too()
    {
        var writer = new TorchFileWriter { Parameters = true }.Add("w", [2], [1, 2]);
        CollectionAssert.AreEqual(new float[] { 1, 2 }, TorchFile.Read(writer.Zip()).Floats("w"));
        CollectionAssert.AreEqual(new float[] { 1, 2 }, TorchFile.Read(writer.Legacy()).Floats("w"));
    }

    // ---- Types ----

    [TestMethod]
    public void Half_precision_is_widened_exactly()
    {
        var writer = new TorchFileWriter()
            .Add("half", [3], [1.5f, -65504, 5.9604645e-8f], TorchStorageBytes.OfHalves)
            .Add("bfloat", [3], [1.5f, -3.3895314e38f, 1e-40f], TorchStorageBytes.OfBFloat16)
            .Add("double", [2], [1.5f, -0f], values => new("DoubleStorage", 2, [.. values.SelectMany(value => BitConverter.GetBytes((double)value))]));
        foreach (var file in new[] { TorchFile.Read(writer.Zip()), TorchFile.Read(writer.Legacy()) })
        {
            CollectionAssert.AreEqual(new[] { 1.5f, -65504, 5.9604645e-8f }, file.Floats("half"));
            CollectionAssert.AreEqual(new[] { 1.5f, -3.3895314e38f, BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(1e-40f) & unchecked((int)0xFFFF0000)) }, file.Floats("bfloat"));
            CollectionAssert.AreEqual(new[] { 1.5f, -0f }, file.Floats("double"));
        }
    }

    [TestMethod]
    public void Step_counters_are_left_out()
    {
        var writer = new TorchFileWriter().Add("w", [1], [1]).Add("bn.num_batches_tracked", [], [0], _ => TorchStorageBytes.OfLongs(64_000));
        CollectionAssert.AreEqual(new[] { "w" }, TorchFile.Read(writer.Zip()).Names.ToArray());
    }

    // ---- Views ----

    [TestMethod]
    public void A_transposed_tensor_is_copied_in_its_own_order()
    {
        var file = Views(new TorchTensorBytes("t", [3, 2], 0) { Strides = [1, 3] });
        CollectionAssert.AreEqual(new[] { 3, 2 }, file.Shape("t"));
        CollectionAssert.AreEqual(new float[] { 0, 3, 1, 4, 2, 5 }, file.Floats("t"));
    }

    [TestMethod]
    public void Channels_last_weights_are_copied_in_their_own_order()
    {
        // (2, 3, 2, 2) as torch.channels_last has it: the channel is innermost.
        var file = Views(new TorchTensorBytes("t", [2, 3, 2, 2], 0) { Strides = [12, 1, 6, 3] });
        var values = file.Floats("t");
        for (int n = 0; n < 2; n++)
            for (int c = 0; c < 3; c++)
                for (int h = 0; h < 2; h++)
                    for (int w = 0; w < 2; w++)
                        Assert.AreEqual(12 * n + c + 6 * h + 3 * w, values[((n * 3 + c) * 2 + h) * 2 + w]);
    }

    [TestMethod]
    public void Tensors_may_share_a_storage_and_begin_inside_it()
    {
        var file = Views(
            new("begin", [2], 0),
            new("end", [2], 0) { Offset = 22 },
            new("every fifth", [4], 0) { Offset = 3, Strides = [5] },
            new("repeated", [2, 2], 0) { Offset = 7, Strides = [0, 1] },
            new("scalar", [], 0) { Offset = 9 },
            new("empty", [0, 3], 0) { Offset = 24 },
            new("one, any stride", [1, 2], 0) { Strides = [1_000_000, 1] });
        CollectionAssert.AreEqual(new float[] { 0, 1 }, file.Floats("begin"));
        CollectionAssert.AreEqual(new float[] { 22, 23 }, file.Floats("end"));
        CollectionAssert.AreEqual(new float[] { 3, 8, 13, 18 }, file.Floats("every fifth"));
        CollectionAssert.AreEqual(new float[] { 7, 8, 7, 8 }, file.Floats("repeated"));
        CollectionAssert.AreEqual(new float[] { 9 }, file.Floats("scalar"));
        CollectionAssert.AreEqual(Array.Empty<float>(), file.Floats("empty"));
        CollectionAssert.AreEqual(new float[] { 0, 1 }, file.Floats("one, any stride"));
    }

    // ---- libtorch's own ----

    /// <summary>
    /// What libtorch 2.10 wrote for <c>torch.save({'state_dict': {…}}, FILE)</c> in TorchScript: a convolution's weights in channels_last
    /// order, a batch norm's, and a counter.
    /// </summary>
    [TestMethod]
    public void A_file_that_libtorch_wrote_is_read()
    {
        var file = TorchFile.Read(Convert.FromBase64String(LibtorchFile));
        CollectionAssert.AreEqual(new[] { "conv.weight", "bn.weight" }, file.Names.ToArray());
        CollectionAssert.AreEqual(new[] { 2, 3, 2, 2 }, file.Shape("conv.weight"));
        CollectionAssert.AreEqual(Enumerable.Range(0, 24).Select(i => i * 0.25f - 2).ToArray(), file.Floats("conv.weight"));
        CollectionAssert.AreEqual(new[] { 1.5f, -0.5f, 3.25f }, file.Floats("bn.weight"));
    }

    private const string LibtorchFile = """
        UEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAOABQAYXJjaGl2ZS9kYXRhLzBGQhAAWlpaWlpaWlpaWlpaWlpaWgAAAMAAAIC/AAAAAAAA4L8AAEC/AACAPgAAwL8AAAC/AAAAPwAAoL8AAIC+AABAPw
        AAgD8AAABAAABAQAAAoD8AABBAAABQQAAAwD8AACBAAABgQAAA4D8AADBAAABwQFBLBwhjuHGIYAAAAGAAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA4AJABhcmNoaXZlL2RhdGEvMUZCIABa
        WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWgAAwD8AAAC/AABQQFBLBwjMRBKsDAAAAAwAAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA4AOABhcmNoaXZlL2RhdGEvMkZCNABaWlpaWl
        paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaAPoAAAAAAABQSwcI/rospQgAAAAIAAAAUEsDBAAACAgAAAAAAAAAAAAAAAAAAAAAAAAQADoAYXJjaGl2ZS9kYXRh
        LnBrbEZCNgBaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlqAAmN0b3JjaC5qaXQuX3BpY2tsZQpyZXN0b3JlX3R5cGVfdGFnCnEAfShYCgAAAHN0YX
        RlX2RpY3RxAWgAfShYCwAAAGNvbnYud2VpZ2h0cQJjdG9yY2guX3V0aWxzCl9yZWJ1aWxkX3RlbnNvcl92MgpxAygoWAcAAABzdG9yYWdlcQRjdG9yY2gKRmxvYXRTdG9yYWdlCnEFWAEAAAAwcQZY
        AwAAAGNwdXEHSxh0UXEISwAoSwJLA0sCSwJ0KEsMSwFLBksDdIljY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcQkpUnRScQpYCQAAAGJuLndlaWdodHELaAMoKGgEaAVYAQAAADFxDGgHSwN0UXENSw
        AoSwN0KEsBdIloCSlSdFJxDlgWAAAAYm4ubnVtX2JhdGNoZXNfdHJhY2tlZHEPaAMoKGgEY3RvcmNoCkxvbmdTdG9yYWdlCnEQWAEAAAAycRFoB0sBdFFxEksAKHQodIloCSlSdFJxE3VYEQAAAERp
        Y3Rbc3RyLCBUZW5zb3JdcRSGUnVYHAAAAERpY3Rbc3RyLCBEaWN0W3N0ciwgVGVuc29yXV1xFYZSLlBLBwgv/oaPvgEAAL4BAABQSwMEAAAICAAAAAAAAAAAAAAAAAAAAAAAAA8ABQBhcmNoaXZlL3
        ZlcnNpb25GQgEAWjMKUEsHCNGeZ1UCAAAAAgAAAFBLAwQAAAgIAAAAAAAAAAAAAAAAAAAAAAAAEQA/AGFyY2hpdmUvYnl0ZW9yZGVyRkI7AFpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpa
        WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpabGl0dGxlUEsHCIU94xkGAAAABgAAAFBLAwQAAAgIAAAAAAAAAAAAAAAAAAAAAAAAHgAuAGFyY2hpdmUvLmRhdGEvc2VyaWFsaXphdGlvbl9pZEZCKg
        BaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlowNDI5MzE3NDc4NDgwOTM1OTMyNzA1NTUwODk0NDI5NjM0ODUzODQzUEsHCKlJ6nIoAAAAKAAAAFBLAQIAAAAACAgAAAAA
        AABjuHGIYAAAAGAAAAAOAAAAAAAAAAAAAAAAAAAAAABhcmNoaXZlL2RhdGEvMFBLAQIAAAAACAgAAAAAAADMRBKsDAAAAAwAAAAOAAAAAAAAAAAAAAAAALAAAABhcmNoaXZlL2RhdGEvMVBLAQIAAA
        AACAgAAAAAAAD+uiylCAAAAAgAAAAOAAAAAAAAAAAAAAAAABwBAABhcmNoaXZlL2RhdGEvMlBLAQIAAAAACAgAAAAAAAAv/oaPvgEAAL4BAAAQAAAAAAAAAAAAAAAAAJgBAABhcmNoaXZlL2RhdGEu
        cGtsUEsBAgAAAAAICAAAAAAAANGeZ1UCAAAAAgAAAA8AAAAAAAAAAAAAAAAAzgMAAGFyY2hpdmUvdmVyc2lvblBLAQIAAAAACAgAAAAAAACFPeMZBgAAAAYAAAARAAAAAAAAAAAAAAAAABIEAABhcm
        NoaXZlL2J5dGVvcmRlclBLAQIAAAAACAgAAAAAAACpSepyKAAAACgAAAAeAAAAAAAAAAAAAAAAAJYEAABhcmNoaXZlLy5kYXRhL3NlcmlhbGl6YXRpb25faWRQSwYGLAAAAAAAAAAeAy0AAAAAAAAA
        AAAHAAAAAAAAAAcAAAAAAAAAugEAAAAAAAA4BQAAAAAAAFBLBgcAAAAA8gYAAAAAAAABAAAAUEsFBgAAAAAHAAcAugEAADgFAAAAAA==
        """;

    private static TorchFile Views(params TorchTensorBytes[] tensors)
    {
        var writer = new TorchFileWriter();
        writer.Storages.Add(TorchStorageBytes.Of([.. Enumerable.Range(0, 24).Select(i => (float)i)]));
        writer.Tensors.AddRange(tensors);
        return TorchFile.Read(writer.Zip());
    }

    private static TorchFileWriter Network(StateDict state, Func<string, string>? rename = null, string? wrapper = null)
    {
        var writer = new TorchFileWriter { Wrapper = wrapper };
        foreach (var (name, shape, values) in state.Tensors)
        {
            string theirs = rename?.Invoke(name) ?? name;
            writer.Add(theirs, shape, values);
            if (theirs.EndsWith(".running_var", StringComparison.Ordinal))
                writer.Add(theirs.Replace("running_var", "num_batches_tracked", StringComparison.Ordinal), [], [0], _ => TorchStorageBytes.OfLongs(391));
        }
        return writer;
    }

    private static void Write(string path, string format, TorchFileWriter writer) => File.WriteAllBytes(path, format == "zip" ? writer.Zip("resnet8") : writer.Legacy());
}
