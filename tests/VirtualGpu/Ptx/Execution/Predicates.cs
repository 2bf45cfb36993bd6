namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>Handlers on predicates: 32 lanes are the bits of one word.</summary>
internal static class Predicates
{
    public static void Copy(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, warp.Predicate(instruction.A), lanes);

    public static void Not(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, ~warp.Predicate(instruction.A), lanes);

    public static void And(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, warp.Predicate(instruction.A) & warp.Predicate(instruction.B), lanes);

    public static void Or(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, warp.Predicate(instruction.A) | warp.Predicate(instruction.B), lanes);

    public static void Xor(Warp warp, Instruction instruction, uint lanes) =>
        warp.SetPredicate(instruction.D, warp.Predicate(instruction.A) ^ warp.Predicate(instruction.B), lanes);
}
