using CudnnResNet.VirtualGpu.Ptx.Execution;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Decoding;

/// <summary>Decodes a parsed kernel.</summary>
internal static class KernelDecoder
{
    private const int LargestBlock = 1024, LargestRegisterCount = 255;

    /// <summary>Decodes all of a kernel's instructions, so that an unknown one is found when the module is loaded.</summary>
    public static PtxKernel Decode(KernelSyntax kernel, ModuleSyntax module)
    {
        var layout = new RowLayout();
        var shared = new SharedLayout(kernel, module);
        var operands = new OperandDecoder(layout, shared, kernel, module);
        var code = new List<Instruction>();
        foreach (var instruction in kernel.Instructions)
        {
            operands.Current = instruction;
            code.Add(Decode(operands) with
            {
                Line = instruction.Line,
                Text = module.Text(instruction.Line),
                Guard = instruction.Guard is null ? -1 : layout.Of(instruction.Guard),
                GuardNegated = instruction.GuardNegated,
            });
        }
        if (code.Count == 0 || code[^1] is not { Flow: Flow.Return or Flow.Trap or Flow.Branch or Flow.UniformBranch, Guard: < 0 })
            throw PtxError.At(kernel.LastLine, $"the kernel '{kernel.Name}' does not end with ret, trap or bra");
        if (kernel.Labels.FirstOrDefault(label => label.Value == code.Count).Key is { } last) throw PtxError.At(kernel.LastLine, $"nothing follows the label '{last}'");

        return new()
        {
            Name = kernel.Name,
            Parameters = [.. kernel.Parameters.Select(parameter => new PtxParameter(parameter.Offset, parameter.Size))],
            ParameterBytes = kernel.ParameterBytes,
            StaticSharedBytes = shared.StaticBytes,
            MaxThreads = kernel.MaxThreads > 0 ? kernel.MaxThreads : LargestBlock,
            RequiredThreads = kernel.RequiredThreads,
            Registers = Math.Min(LargestRegisterCount, kernel.Registers.Sum(register => register.Bits switch { 1 => 0, 64 => 2, _ => 1 })),
            Program = new()
            {
                Code = [.. code],
                RowBytes = layout.RowBytes,
                Predicates = layout.Predicates,
                Constants = layout.Constants,
                VariableRows = layout.VariableRows,
                SpecialRows = layout.SpecialRows,
                DynamicSharedAddress = shared.DynamicAddress,
            },
        };
    }

    private static Instruction Decode(OperandDecoder operands)
    {
        string opcode = operands.Current.Opcode;
        string[] parts = opcode.Split('.');
        var special = parts[0] switch
        {
            "ld" or "st" => MemoryDecoder.LoadOrStore(operands, parts),
            "atom" or "red" => MemoryDecoder.Atomic(operands, parts),
            "cvt" => ConversionDecoder.Whole(operands, parts),
            "mov" => ConversionDecoder.Parts(operands, opcode),
            _ => WarpDecoder.Decode(operands, opcode),
        };
        return special ?? FromTable(operands, opcode);
    }

    private static Instruction FromTable(OperandDecoder operands, string opcode)
    {
        var definition = OpcodeTable.Find(opcode) ?? throw operands.Unknown();
        var types = definition.Operands;
        operands.ExpectCount(types.Length);
        return new()
        {
            Execute = definition.Handler,
            D = operands.Destination(operands.Operands[0], types[0].Bits),
            A = operands.Source(operands.Operands[1], types[1]),
            B = types.Length > 2 ? operands.Source(operands.Operands[2], types[2]) : 0,
            C = types.Length > 3 ? operands.Source(operands.Operands[3], types[3]) : 0,
        };
    }
}
