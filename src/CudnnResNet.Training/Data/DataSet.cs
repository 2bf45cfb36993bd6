using CudnnResNet.Model;

namespace CudnnResNet.Training.Data;

/// <summary>
/// What a network is trained on and tested with: images and labels in memory, and what to call them. An app's own images become one by
/// <see cref="DataSet(string, LabelledImages, LabelledImages, string, IReadOnlyList{string})"/>; nothing else about training changes.
/// </summary>
/// <remarks>
/// All images lie on the device while a run goes on, so there is nothing to gain from reading them piece by piece: 50,000 take 154 MB.
/// </remarks>
public sealed record DataSet
{
    private const int MaxNameLength = 64;

    /// <summary>An own data set.</summary>
    /// <param name="name">
    /// What runs, weights and reports call it: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, at most 64. The names of the built-in sets are taken.
    /// </param>
    /// <param name="train">The images to learn from.</param>
    /// <param name="test">The images that are only ever counted: of the same classes, and none of the training images.</param>
    /// <param name="source">Where the images come from, for people: a folder, or what was drawn.</param>
    /// <param name="classNames">A name for each class, in the order of the labels.</param>
    /// <exception cref="InvalidSettingException">A name that cannot be, no images, or a number of classes that differs.</exception>
    public DataSet(string name, LabelledImages train, LabelledImages test, string source, IReadOnlyList<string> classNames)
        : this(train, test, source, classNames, CheckedName(name))
    {
        if (IsBuiltIn(name) || name == "auto") throw new InvalidSettingException($"a data set of one's own cannot be called '{name}': that name is taken");
    }

    private DataSet(LabelledImages train, LabelledImages test, string source, IReadOnlyList<string> classNames, string name)
    {
        if (train.Count == 0 || test.Count == 0) throw new InvalidSettingException($"data set {name} has {train.Count} training and {test.Count} test images: both must be at least 1");
        if (train.Classes != classNames.Count || test.Classes != classNames.Count)
            throw new InvalidSettingException($"data set {name} has {classNames.Count} class names, training images of {train.Classes} classes and test images of {test.Classes}: these must be the same number");
        if (classNames.FirstOrDefault(string.IsNullOrWhiteSpace) is { } empty) throw new InvalidSettingException($"data set {name} has a class named '{empty}'");
        (Name, Train, Test, Source, ClassNames) = (name, train, test, source, [.. classNames]);
    }

    /// <summary><c>cifar10</c>, <c>synthetic</c>, or the name of an own set.</summary>
    public string Name { get; }

    /// <summary>The images to learn from.</summary>
    public LabelledImages Train { get; }

    /// <summary>The images that are only ever counted.</summary>
    public LabelledImages Test { get; }

    /// <summary>Where the images come from, for people.</summary>
    public string Source { get; }

    /// <summary>A name for each class, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>True where the images were drawn by this engine, so that no result on them says anything about CIFAR-10.</summary>
    public bool IsSynthetic => Name == Synthetic.Name;

    /// <summary>True for the set of an app, whose runs carry its name.</summary>
    public bool IsOwn => !IsBuiltIn(Name);

    /// <summary>A set of this engine.</summary>
    internal static DataSet BuiltIn(string name, LabelledImages train, LabelledImages test, string source, IReadOnlyList<string> classNames) =>
        new(train, test, source, classNames, name);

    /// <summary>Refuses what cannot be a data set's name.</summary>
    /// <exception cref="InvalidSettingException">Empty, too long, or with other characters than letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</exception>
    internal static string CheckedName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || name[0] is '.' or '-' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new InvalidSettingException($"dataset {PrintableText.Quoted(name)} is not a data set's name: 1 to {MaxNameLength} letters, digits, -, _ and ., the first a letter, a digit or _");
        return name;
    }

    internal static bool IsBuiltIn(string name) => name is Cifar10.Name or Synthetic.Name;
}
