namespace CudnnResNet.Native.Loading;

/// <summary>A library is not on this machine, or cannot be loaded. The message is one line; <see cref="Report"/> has every path.</summary>
public sealed class NativeLibraryNotFoundException : Exception
{
    internal NativeLibraryNotFoundException(NativeLibraryKind library, string what, string whatToDo, LoadReport report) : base($"{what}; {whatToDo}") =>
        (Library, What, WhatToDo, Report) = (library, what, whatToDo, report);

    /// <summary>Which library.</summary>
    public NativeLibraryKind Library { get; }

    /// <summary>What is missing, the first half of the message.</summary>
    public string What { get; }

    /// <summary>How it is got, the second half.</summary>
    public string WhatToDo { get; }

    /// <summary>Every path that was tried.</summary>
    public LoadReport Report { get; }
}
