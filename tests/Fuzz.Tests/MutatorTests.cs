namespace CudnnResNet.Fuzz.Tests;

/// <summary>How new inputs are made of old ones.</summary>
[TestClass]
public sealed class MutatorTests
{
    private const int MaxLength = 50;

    private static readonly byte[] Input = "{\"size\": 1234}"u8.ToArray(), Other = new byte[MaxLength];

    [TestMethod]
    public void No_input_is_too_long_and_most_are_new()
    {
        var mutator = new Mutator(new(7), ["word"u8.ToArray()], MaxLength);
        byte[] before = [.. Input];
        int same = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] mutated = mutator.Mutate(i % 3 == 0 ? Other : i % 3 == 1 ? [] : Input, Other);
            Assert.IsLessThanOrEqualTo(MaxLength, mutated.Length);
            if (mutated.AsSpan().SequenceEqual(Input)) same++;
        }
        Assert.IsLessThan(2_000, same);
        CollectionAssert.AreEqual(before, Input);
    }

    [TestMethod]
    public void Words_and_whole_numbers_come_about()
    {
        var mutator = new Mutator(new(8), ["word"u8.ToArray()], MaxLength);
        string[] texts = [.. Enumerable.Range(0, 10_000).Select(_ => System.Text.Encoding.Latin1.GetString(mutator.Mutate(Input, Other)))];
        foreach (string wanted in new[] { "word", "2147483647", "-1}", "1235" }) Assert.IsTrue(texts.Any(text => text.Contains(wanted, StringComparison.Ordinal)), wanted);
    }

    [TestMethod]
    public void A_seed_gives_the_same_inputs_again()
    {
        Mutator one = new(new(9), [], MaxLength), two = new(new(9), [], MaxLength);
        for (int i = 0; i < 1_000; i++) CollectionAssert.AreEqual(one.Mutate(Input, Other), two.Mutate(Input, Other));
    }
}
