namespace CudnnResNet.VirtualGpu.Ptx.Syntax;

/// <summary>The registers that tell a thread its place.</summary>
internal static class SpecialRegister
{
    private static readonly HashSet<string> names = new(StringComparer.Ordinal)
    {
        "%tid.x", "%tid.y", "%tid.z", "%ntid.x", "%ntid.y", "%ntid.z",
        "%ctaid.x", "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid", "%warpid",
    };

    /// <summary>Whether the engine has it.</summary>
    public static bool IsKnown(string name) => names.Contains(name);

    /// <summary>Whether its value differs from block to block; then it is the same for all threads of one.</summary>
    public static bool DependsOnBlock(string name) => name.StartsWith("%ctaid", StringComparison.Ordinal);

    /// <summary>The value for one thread.</summary>
    /// <param name="name">With its per cent sign.</param>
    /// <param name="grid">Blocks.</param>
    /// <param name="block">Threads of a block.</param>
    /// <param name="blockIndex">The thread's block.</param>
    /// <param name="thread">The thread's linear number in its block.</param>
    public static uint Value(string name, Dim3 grid, Dim3 block, Dim3 blockIndex, int thread) => name switch
    {
        "%laneid" => (uint)thread % 32,
        "%warpid" => (uint)thread / 32,
        _ => Component(name[..name.IndexOf('.', StringComparison.Ordinal)] switch
        {
            "%tid" => block.At(thread),
            "%ntid" => block,
            "%ctaid" => blockIndex,
            _ => grid,
        }, name[^1]),
    };

    private static uint Component(Dim3 place, char axis) => axis switch { 'x' => place.X, 'y' => place.Y, _ => place.Z };
}
