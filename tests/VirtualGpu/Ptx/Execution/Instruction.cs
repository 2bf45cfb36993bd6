namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>What an instruction does for the lanes whose bits are set.</summary>
internal delegate void Handler(Warp warp, Instruction instruction, uint lanes);

/// <summary>How an instruction takes part in the flow of control.</summary>
internal enum Flow
{
    /// <summary>Computes, and goes on with the next.</summary>
    Next,

    /// <summary>Goes to the target, the lanes of the guard only.</summary>
    Branch,

    /// <summary>As <see cref="Branch"/>, and all lanes have to agree.</summary>
    UniformBranch,

    /// <summary>Ends the lanes.</summary>
    Return,

    /// <summary>Stops the kernel with an error.</summary>
    Trap,

    /// <summary>Waits for all threads of the block.</summary>
    Barrier,

    /// <summary>Computes when all lanes of a mask are there.</summary>
    Converged,
}

/// <summary>A decoded instruction. The meaning of the numbers is its handler's.</summary>
internal sealed record Instruction
{
    /// <summary>Where it goes on.</summary>
    public Flow Flow { get; init; }

    /// <summary>What it does, where <see cref="Flow"/> is <see cref="Flow.Next"/> or <see cref="Flow.Converged"/>.</summary>
    public Handler? Execute { get; init; }

    /// <summary>The line of the text.</summary>
    public int Line { get; init; }

    /// <summary>The text, for messages.</summary>
    public string Text { get; init; } = "";

    /// <summary>The predicate of the guard, or -1.</summary>
    public int Guard { get; init; } = -1;

    /// <summary>Whether the guard has to be false.</summary>
    public bool GuardNegated { get; init; }

    /// <summary>The destination: a row's offset, or a predicate's number.</summary>
    public int D { get; init; }

    /// <summary>The first source, likewise.</summary>
    public int A { get; init; }

    /// <summary>The second source.</summary>
    public int B { get; init; }

    /// <summary>The third source.</summary>
    public int C { get; init; }

    /// <summary>A second destination, a predicate's number, or -1.</summary>
    public int D2 { get; init; } = -1;

    /// <summary>The rows of a vector's elements.</summary>
    public int[] Rows { get; init; } = [];

    /// <summary>Bytes added to an address.</summary>
    public long Offset { get; init; }

    /// <summary>The memory of a load or store.</summary>
    public Space Space { get; init; }

    /// <summary>Whether the row of addresses has 32 bits.</summary>
    public bool HasShortAddress { get; init; }

    /// <summary>The source type of a conversion between whole numbers.</summary>
    public Extension From { get; init; }

    /// <summary>Its destination type.</summary>
    public Extension To { get; init; }

    /// <summary>Where a branch goes.</summary>
    public int Target { get; init; }
}

/// <summary>A kind of memory.</summary>
internal enum Space
{
    /// <summary>Device memory; <c>.const</c> and generic addresses too, because nothing here turns a shared address into a generic one.</summary>
    Global,

    /// <summary>The block's memory.</summary>
    Shared,

    /// <summary>The launch's parameters.</summary>
    Parameter,
}

/// <summary>The low bits of a 64-bit word that hold a whole number, and whether the highest of these is a sign.</summary>
internal readonly record struct Extension(int Bits, bool Signed)
{
    /// <summary>The number, with sign or zeros above it.</summary>
    public ulong Of(ulong word)
    {
        int above = 64 - Bits;
        return Signed ? (ulong)((long)(word << above) >> above) : word << above >> above;
    }
}
