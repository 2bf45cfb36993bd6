using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Decodes what concerns more than one thread: control flow, barriers, shuffles and votes.</summary>
internal static class WarpDecoder
{
    private static readonly DataType predicate = new('p', 1), word = new('b', 32);

    /// <summary>The instruction, or null where the opcode is none of these.</summary>
    public static Instruction? Decode(OperandDecoder operands, string opcode) => opcode switch
    {
        "bra" => Branch(operands, Flow.Branch),
        "bra.uni" => Branch(operands, Flow.UniformBranch),
        "ret" or "exit" => Plain(operands, Flow.Return),
        "trap" => Plain(operands, Flow.Trap),
        "bar.sync" or "barrier.sync" or "barrier.sync.aligned" => Barrier(operands),
        "bar.warp.sync" => WaitForWarp(operands),
        "shfl.sync.up.b32" => Shuffle(operands, Exchange.Shuffle<ShuffleUp>),
        "shfl.sync.down.b32" => Shuffle(operands, Exchange.Shuffle<ShuffleDown>),
        "shfl.sync.bfly.b32" => Shuffle(operands, Exchange.Shuffle<ShuffleButterfly>),
        "shfl.sync.idx.b32" => Shuffle(operands, Exchange.Shuffle<ShuffleIndex>),
        "vote.sync.any.pred" => Vote(operands, Exchange.VoteAny, predicate),
        "vote.sync.all.pred" => Vote(operands, Exchange.VoteAll, predicate),
        "vote.sync.uni.pred" => Vote(operands, Exchange.VoteSame, predicate),
        "vote.sync.ballot.b32" => Vote(operands, Exchange.Ballot, word),
        "activemask.b32" => ActiveMask(operands),
        _ => null,
    };

    private static Instruction Branch(OperandDecoder operands, Flow flow)
    {
        operands.ExpectCount(1);
        return new() { Flow = flow, Target = operands.Label(operands.Operands[0]) };
    }

    private static Instruction Plain(OperandDecoder operands, Flow flow)
    {
        operands.ExpectCount(0);
        return new() { Flow = flow };
    }

    private static Instruction Barrier(OperandDecoder operands)
    {
        if (operands.Operands.Count == 2) throw operands.Refuse("a barrier of some of the block's threads is not supported");
        operands.ExpectCount(1);
        if (operands.Operands[0] is not LiteralOperand) throw operands.Refuse("a barrier's number has to be a constant");
        return new() { Flow = Flow.Barrier };
    }

    private static Instruction WaitForWarp(OperandDecoder operands)
    {
        operands.ExpectCount(1);
        return new() { Flow = Flow.Converged, Execute = Exchange.Nothing, C = operands.Source(operands.Operands[0], word) };
    }

    private static Instruction Shuffle(OperandDecoder operands, Handler handler)
    {
        operands.ExpectCount(5);
        var list = operands.Operands;
        var (d, second) = list[0] is PairOperand pair ? (pair.First, pair.Second) : (list[0], null);
        return new()
        {
            Flow = Flow.Converged,
            Execute = handler,
            D = operands.Destination(d, 32),
            D2 = second is null ? -1 : operands.Destination(second, 1),
            A = operands.Source(list[1], word),
            B = operands.Source(list[2], word),
            Rows = [operands.Source(list[3], word)],
            C = operands.Source(list[4], word),
        };
    }

    private static Instruction Vote(OperandDecoder operands, Handler handler, DataType result)
    {
        operands.ExpectCount(3);
        return new()
        {
            Flow = Flow.Converged,
            Execute = handler,
            D = operands.Destination(operands.Operands[0], result.Bits),
            A = operands.Source(operands.Operands[1], predicate),
            C = operands.Source(operands.Operands[2], word),
        };
    }

    private static Instruction ActiveMask(OperandDecoder operands)
    {
        operands.ExpectCount(1);
        return new() { Execute = Exchange.ActiveMask, D = operands.Destination(operands.Operands[0], 32) };
    }
}
