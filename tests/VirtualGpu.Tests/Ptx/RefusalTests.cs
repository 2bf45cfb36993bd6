using CudnnResNet.VirtualGpu.Ptx;
using CudnnResNet.VirtualGpu.Tests.Ptx.Support;

namespace CudnnResNet.VirtualGpu.Tests.Ptx;

/// <summary>Texts that are refused when they are loaded, with the line and what is wrong.</summary>
[TestClass]
public sealed class RefusalTests
{
    [TestMethod]
    [DataRow("ex2.approx.f32 %f1, %f2;", "unknown opcode 'ex2.approx.f32'")]
    [DataRow("ex2.approx.ftz.f32 %f1, %f2;", "unknown opcode 'ex2.approx.ftz.f32'")]
    [DataRow("add.ftz.f32 %f1, %f2, %f3;", "unknown opcode 'add.ftz.f32'")]
    [DataRow("add.rz.f32 %f1, %f2, %f3;", "unknown opcode 'add.rz.f32'")]
    [DataRow("mul.rn.sat.f32 %f1, %f2, %f3;", "unknown opcode 'mul.rn.sat.f32'")]
    [DataRow("div.approx.f32 %f1, %f2, %f3;", "unknown opcode 'div.approx.f32'")]
    [DataRow("frobnicate.u32 %r1, %r2;", "unknown opcode 'frobnicate.u32'")]
    [DataRow("frobnicate;", "unknown opcode 'frobnicate'")]
    [DataRow("ld.global.v8.f32 %f1, [%d1];", "unknown modifier '.v8' of 'ld.global.v8.f32'")]
    [DataRow("ld.local.u32 %r1, [%d1];", "unknown modifier '.local' of 'ld.local.u32'")]
    [DataRow("st.param.u32 [%d1], %r1;", "unknown modifier '.param' of 'st.param.u32'")]
    [DataRow("ld.global.f16 %h1, [%d1];", "unknown opcode 'ld.global.f16'")]
    [DataRow("atom.global.add.f32 %f1, [%d1], %f2;", "unknown opcode 'atom.global.add.f32'")]
    [DataRow("atom.global.cas.b32 %r1, [%d1], %r2, %r3;", "unknown opcode 'atom.global.cas.b32'")]
    [DataRow("cvt.rzi.s32.f32 %r1, %f1;", "unknown opcode 'cvt.rzi.s32.f32'")]
    [DataRow("cvt.sat.u8.u32 %r1, %r2;", "unknown opcode 'cvt.sat.u8.u32'")]
    [DataRow("setp.lt.and.s32 %p1, %r1, %r2, %p2;", "unknown opcode 'setp.lt.and.s32'")]
    [DataRow("call.uni f;", "unknown opcode 'call.uni'")]
    [DataRow("bar.red.popc.u32 %r1, 0, %p1;", "unknown opcode 'bar.red.popc.u32'")]
    [DataRow("cvta.shared.u64 %d5, %d6;", "unknown opcode 'cvta.shared.u64'")]
    public void Unknown_instructions_are_named(string line, string expected) => Check(line, expected);

    [TestMethod]
    [DataRow("add.u32 %r1, %r2;", "'add.u32' has 3 operands, not 2,")]
    [DataRow("ret %r1;", "'ret' has 0 operands, not 1,")]
    [DataRow("add.u32 %r1, %r2, %d3;", "'%d3' has 64 bits")]
    [DataRow("add.u32 %d1, %r2, %r3;", "'%d1' has 64 bits")]
    [DataRow("add.u32 %p1, %r2, %r3;", "'%p1' has 1 bits")]
    [DataRow("add.u32 5, %r2, %r3;", "the destination is no register")]
    [DataRow("selp.u32 %r1, %r2, %r3, %r4;", "'%r4' has 32 bits")]
    [DataRow("ld.global.u32 %h1, [%d1];", "'%h1' has 16 bits")]
    [DataRow("ld.global.f32 %d5, [%d1];", "'%d5' has 64 bits")]
    [DataRow("ld.global.u32 %r1, %d1;", "the address stands in no brackets")]
    [DataRow("ld.global.u32 %r1, [%h1];", "an address has 32 or 64 bits")]
    [DataRow("ld.global.v2.u32 {%r1, %r2, %r3}, [%d1];", "2 registers are expected, not 3,")]
    [DataRow("ld.global.v2.u32 {%r1, %d2}, [%d1];", "the registers differ in width")]
    [DataRow("ld.global.v4.u64 {%d4, %d5, %d6, %d7}, [%d1];", "more than 16 bytes at once")]
    [DataRow("ld.global.u32 5, [%d1];", "the destination is no register")]
    [DataRow("add.u32 %r1, %r2, 4294967296;", "4294967296 does not fit into 32 bits")]
    [DataRow("add.s32 %r1, %r2, -2147483649;", "-2147483649 does not fit into 32 bits")]
    [DataRow("mov.f32 %f1, 1;", "'1' is no f32")]
    [DataRow("mov.f32 %f1, 0d3FF0000000000000;", "'0d3FF0000000000000' is no f32")]
    [DataRow("mov.u32 %r1, 0f3F800000;", "'0f3F800000' is no whole number")]
    [DataRow("mov.u32 %r1, 12abc;", "'12abc' is no whole number")]
    [DataRow("mov.u32 %r1, %r99;", "the register '%r99' is neither declared nor a special register")]
    [DataRow("mov.u32 %r1, %clock;", "the register '%clock' is neither declared nor a special register")]
    [DataRow("@%q1 ret;", "the predicate '%q1' is not declared")]
    [DataRow("@%r1 ret;", "'%r1' is no predicate")]
    [DataRow("mov.u64 %d1, nothing;", "unknown name 'nothing'")]
    [DataRow("bra nowhere;", "the target is no label")]
    [DataRow("ld.param.u32 %r1, [p_x];", "unknown parameter")]
    [DataRow("ld.param.u64 %d5, [p_out+8];", "8 bytes at offset 8 are not within the 8 bytes of 'p_out'")]
    [DataRow("ld.param.u32 %r1, [p_out+-4];", "4 bytes at offset -4 are not within")]
    [DataRow("ld.param.u32 %r1, [p_out+2];", "offset 2 of 'p_out' is misaligned")]
    [DataRow("bar.sync 0, 64;", "a barrier of some of the block's threads")]
    [DataRow("bar.sync %r1;", "a barrier's number has to be a constant")]
    [DataRow("mov.b64 {%r1, %r2, %r3}, %d1;", "3 parts of 64 bits")]
    [DataRow("add.u32 %r1, %r2 %r3;", "';' is expected, not '%r3'")]
    [DataRow("add.u32 %r1, %r2, ;", "an operand is expected, not ';'")]
    [DataRow("ld.global.u32 %r1, [%d1;", "']' is expected, not ';'")]
    [DataRow("42;", "an instruction is expected, not '42'")]
    [DataRow(".local .align 4 .b8 depot[8];", "local memory (.local) is not supported")]
    [DataRow(".frob 5;", "unknown directive '.frob'")]
    [DataRow(".reg .b32 %r1;", "the register '%r1' is declared twice")]
    [DataRow(".reg .b8 %x;", "there are no registers of type b8")]
    [DataRow(".reg .f16 %x;", "the type '.f16' is not known")]
    [DataRow(".shared .align 4 .b8 s[];", "'s' lacks a length")]
    [DataRow("add.u32 %r1, %r2, #;", "'#' is no part of PTX")]
    [DataRow("x: x:", "the label 'x' stands twice")]
    [DataRow("/* for ever", "a comment is not closed")]
    public void Wrong_lines_are_named(string line, string expected) => Check(line, expected);

    [TestMethod]
    [DataRow("", "PTX line 1: '.version' is expected, not the end of the text")]
    [DataRow("hello", "PTX line 1: '.version' is expected, not 'hello'")]
    [DataRow(".version 6.3\n.target sm_70\n.address_size 32\n", "PTX line 3: addresses have 64 bits")]
    [DataRow(".version 6.3\n\n.func f() { ret; }\n", "PTX line 3: functions (.func)")]
    [DataRow(".version 6.3\n.visible .entry k() {\nret;\n", "PTX line 4: an instruction is expected, not the end of the text")]
    [DataRow(".version 6.3\n.visible .entry k() {\n.reg .b32 %r1;\nmov.u32 %r1, 0;\n}", "PTX line 5: the kernel 'k' does not end with ret, trap or bra")]
    [DataRow(".version 6.3\n.visible .entry k() {\nbra end;\nend:\n}", "PTX line 5: nothing follows the label 'end'")]
    [DataRow(".version 6.3\n.visible .entry k(.param .u64) {\nret;\n}", "PTX line 2: a parameter's name is expected, not ')'")]
    [DataRow(".version 6.3\n.visible .entry k() .frob 3 {\nret;\n}", "PTX line 2: unknown directive '.frob'")]
    [DataRow(".version 6.3\n.global .u32 v[2] = {1, 2, 3};\n", "PTX line 2: there are more values than elements")]
    public void Wrong_texts_are_named(string text, string expected)
    {
        var refusal = Assert.ThrowsExactly<DeviceFault>(() => PtxModule.Parse(text));
        Assert.AreEqual(218, refusal.Code);
        StringAssert.StartsWith(refusal.Message, expected);
    }

    private static void Check(string line, string expected)
    {
        var refusal = TestKernel.Refusal($"mov.u32 %r1, 1;\n{line}");
        Assert.AreEqual(218, refusal.Code);
        StringAssert.StartsWith(refusal.Message, $"PTX line {TestKernel.FirstBodyLine + 1}: {expected}");
    }
}
