namespace CudnnResNet.Model.Tests.Tensors;

[TestClass]
public sealed class PhiloxTests
{
    /// <summary>The known answers of philox4x32-10 that Random123, its authors' implementation, is tested with.</summary>
    [TestMethod]
    [DataRow(0u, 0u, 0u, 0u, 0u, 0u, "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [DataRow(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [DataRow(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Known_answers(uint a, uint b, uint c, uint d, uint keyLow, uint keyHigh, string expected)
    {
        var (w, x, y, z) = Philox.Draw((ulong)keyHigh << 32 | keyLow, a, b, (RandomPurpose)c, d);
        Assert.AreEqual(expected, $"{w:x8} {x:x8} {y:x8} {z:x8}");
    }

    [TestMethod]
    public void Bounded_draws_reach_both_ends_and_units_are_never_0()
    {
        Assert.AreEqual(0, Philox.Below(0, 81));
        Assert.AreEqual(80, Philox.Below(uint.MaxValue, 81));
        Assert.IsGreaterThan(0, Philox.Unit(0, 0));
        Assert.IsLessThanOrEqualTo(1, Philox.Unit(uint.MaxValue, uint.MaxValue));
    }
}
