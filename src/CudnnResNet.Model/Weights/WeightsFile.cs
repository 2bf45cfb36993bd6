namespace CudnnResNet.Model;

/// <summary>What the caller knows better than a weights file; null leaves it to the file.</summary>
public sealed record WeightsOverrides
{
    /// <summary>Plain or residual.</summary>
    public Architecture? Architecture { get; init; }

    /// <summary>How shortcuts double the channels.</summary>
    public ShortcutPadding? Shortcut { get; init; }

    /// <summary>How pixels become floats.</summary>
    public Normalization? Normalization { get; init; }

    /// <summary>True to let NaN, infinities and negative variances pass, to look at what is left of a run that diverged.</summary>
    public bool AllowNonFinite { get; init; }
}

/// <summary>Where weights come from, as far as it is known.</summary>
/// <param name="Epoch">Epochs trained.</param>
/// <param name="TestError">Error on the test images, 0..1.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Dataset">The data set's name: <c>cifar10</c>, <c>synthetic</c>, or an own one's.</param>
/// <param name="Step">Steps trained, as the run's checkpoint counts them.</param>
public sealed record WeightsOrigin(int? Epoch = null, double? TestError = null, ulong? Seed = null, string? Dataset = null, long? Step = null);

/// <summary>
/// Weights with all that is needed to use them: which network, how its input is normalised, where they come from. The format is
/// safetensors with metadata; files of other projects, safetensors or PyTorch's own, have no metadata and are recognised by their names.
/// </summary>
public sealed record WeightsFile
{
    private WeightsFile(string path, ArchitectureSpec architecture, Normalization normalization, StateDict state)
    {
        Path = path;
        Architecture = architecture;
        Normalization = normalization;
        State = state;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The network: its depth comes from the tensors, the rest from the metadata, the overrides or the naming scheme.</summary>
    public ArchitectureSpec Architecture { get; }

    /// <summary>How pixels become this network's input.</summary>
    public Normalization Normalization { get; }

    /// <summary>Parameters and running statistics under this engine's names, in the network's order.</summary>
    public StateDict State { get; }

    /// <summary>Whose names the file uses.</summary>
    public NamingScheme Scheme { get; private init; }

    /// <summary>Where the weights come from, as far as the file says.</summary>
    public WeightsOrigin Origin { get; private init; } = new();

    /// <summary>A name for each class, in the order of the logits; null where the file has none.</summary>
    public IReadOnlyList<string>? ClassNames { get; private init; }

    /// <summary>Lines for people: what was taken for granted because the file does not say it.</summary>
    public IReadOnlyList<string> Notices { get; private init; } = [];

    /// <summary>The file's metadata as it stands.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = new Dictionary<string, string>();

    /// <summary>
    /// Reads and checks a weights file: safetensors, or a state dict that <c>torch.save</c> wrote (<c>.pt</c>, <c>.pth</c>, <c>.th</c>), of
    /// which nothing is executed. The content tells which, not the name.
    /// </summary>
    /// <exception cref="WeightsException">
    /// The file is unreadable, damaged, not a network's of this engine, has values that are not finite, or its weights or metadata are not those that their checksums vouch for.
    /// </exception>
    public static WeightsFile Load(string path, WeightsOverrides? overrides = null)
    {
        overrides ??= new();
        var file = TensorFile.Read(path);
        try
        {
            var mapping = NameMapping.Of(file.Names);
            var metadata = new WeightsMetadata(file.Metadata);
            var notices = new List<string>();
            int depth = NameMapping.DepthOf(mapping.Theirs.Keys)
                ?? throw new WeightsException($"no tensor is that of a block of a CIFAR-10 network; the file has {StateCheck.Listed(file.Names)}");

            var kind = overrides.Architecture ?? metadata.Architecture ?? Assumed(notices, "arch", "whether the network is plain or residual", "residual", Model.Architecture.ResNet);
            var shortcut = overrides.Shortcut ?? metadata.Shortcut ?? (kind == Model.Architecture.Plain ? default : ImpliedShortcut(mapping.Scheme, notices));
            int classes = ClassesOf(file, mapping);
            var architecture = new ArchitectureSpec(kind, depth, shortcut, classes);
            if (metadata.Depth is int said && said != depth) throw new WeightsException($"the metadata say depth {said}, the tensors are those of depth {depth}");
            if (metadata.Classes is int told && told != classes) throw new WeightsException($"the metadata say {told} classes, the tensors are those of {classes}");
            var normalization = overrides.Normalization ?? metadata.Normalization ?? ImpliedNormalization(mapping.Scheme, notices);

            var state = Tensors(file, mapping, architecture, overrides.AllowNonFinite);
            if (metadata.Sha256 is string sha && !sha.Equals(state.Sha256(), StringComparison.OrdinalIgnoreCase))
                throw new WeightsException("the weights have been altered: their SHA-256 is not the one in the metadata");
            metadata.RequireUnaltered();
            return new(path, architecture, normalization, state)
            {
                Scheme = mapping.Scheme,
                Origin = metadata.Origin,
                ClassNames = metadata.ClassNames(classes),
                Notices = notices,
                Metadata = file.Metadata,
            };
        }
        catch (WeightsException error)
        {
            throw new WeightsException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>Writes weights with their metadata; the old file is replaced as a whole or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="normalization">How its input is normalised.</param>
    /// <param name="state">Its parameters and running statistics.</param>
    /// <param name="origin">Where they come from.</param>
    /// <param name="classNames">A name for each class, in the order of the logits, or null.</param>
    /// <param name="scheme">Whose names the tensors get, for a program that loads the file by its own.</param>
    /// <exception cref="WeightsException">The state is not this network's.</exception>
    /// <exception cref="InvalidSettingException">There is not one name for each class.</exception>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the like.</exception>
    public static void Save(string path, ArchitectureSpec architecture, Normalization normalization, StateDict state, WeightsOrigin? origin = null,
        IReadOnlyList<string>? classNames = null, NamingScheme scheme = NamingScheme.Own) =>
        Save(path, architecture, normalization, state, origin, classNames, scheme, files: null);

    /// <summary>The same on a given file system; null for the machine's.</summary>
    internal static void Save(string path, ArchitectureSpec architecture, Normalization normalization, StateDict state, WeightsOrigin? origin,
        IReadOnlyList<string>? classNames, NamingScheme scheme, FileOperations? files)
    {
        StateCheck.SameLayout(architecture, state, parametersOnly: false);
        if (classNames is not null && classNames.Count != architecture.Classes)
            throw new InvalidSettingException($"{classNames.Count} class names are not one for each of {architecture.Classes} classes");
        var metadata = WeightsMetadata.Write(architecture, normalization, state, origin ?? new(), classNames);
        var tensors = state.Tensors.Select(tensor => tensor with { Name = NameMapping.NameIn(scheme, tensor.Name) });
        AtomicFile.Write(path, stream => SafeTensors.Write(stream, tensors, metadata), files: files);
    }

    /// <summary>Makes sure that the weights are for a given network.</summary>
    /// <exception cref="WeightsException">They are for another; the message names both.</exception>
    public void Require(ArchitectureSpec architecture) => StateCheck.SameNetwork($"{Path}: the weights are", Architecture, architecture);

    private static StateDict Tensors(ITensorFile file, NameMapping mapping, ArchitectureSpec architecture, bool allowNonFinite)
    {
        var expected = StateCheck.Expected(architecture, parametersOnly: false).ToList();
        var missing = expected.Select(tensor => tensor.Name).Where(name => !mapping.Theirs.ContainsKey(name)).ToList();
        if (missing.Count + mapping.Unknown.Count > 0) throw StateCheck.NotThose(architecture, missing, mapping.Unknown);
        var state = new StateDict();
        foreach (var (name, shape) in expected)
        {
            string theirs = mapping.Theirs[name];
            StateCheck.SameShape(architecture, theirs, file.Shape(theirs), shape);
            var values = file.Floats(theirs);
            if (!allowNonFinite) StateCheck.Values(name, values, told: theirs);
            state.Add(name, shape, values);
        }
        return state;
    }

    /// <summary>The classes that the linear layer tells apart; those of CIFAR-10 where its bias is not there or no vector, which is complained of later.</summary>
    private static int ClassesOf(ITensorFile file, NameMapping mapping)
    {
        if (!mapping.Theirs.TryGetValue("fc.bias", out string? name) || file.Shape(name) is not [int classes]) return ArchitectureSpec.Cifar10Classes;
        return classes is >= ArchitectureSpec.MinClasses and <= ArchitectureSpec.MaxClasses ? classes
            : throw new WeightsException($"tensor '{name}' is for {classes} classes, allowed are {ArchitectureSpec.MinClasses} to {ArchitectureSpec.MaxClasses}");
    }

    // ---- What a file without metadata is taken to be ----

    private static T Assumed<T>(List<string> notices, string option, string what, string assumed, T value)
    {
        notices.Add($"the file does not say {what}: taken as {assumed} (--{option} overrides)");
        return value;
    }

    private static ShortcutPadding ImpliedShortcut(NamingScheme scheme, List<string> notices) => scheme switch
    {
        NamingScheme.Common => Assumed(notices, "shortcut", "where its shortcuts put the zero channels", "centred, as is usual with these names", ShortcutPadding.Centred),
        NamingScheme.ReferenceProject => Assumed(notices, "shortcut", "where its shortcuts put the zero channels", "trailing, as in the reference project, whose names it has", ShortcutPadding.Trailing),
        _ => Assumed(notices, "shortcut", "where its shortcuts put the zero channels", "trailing", ShortcutPadding.Trailing),
    };

    private static Normalization ImpliedNormalization(NamingScheme scheme, List<string> notices) => scheme switch
    {
        NamingScheme.Common => Assumed(notices, "normalize", "how images are normalised", "imagenet, as is usual with these names", Normalization.ImageNet),
        NamingScheme.ReferenceProject => Assumed(notices, "normalize", "how images are normalised", "reference, the constants of the reference project, whose names it has", Normalization.Reference),
        _ => Assumed(notices, "normalize", "how images are normalised", "reference", Normalization.Reference),
    };
}
