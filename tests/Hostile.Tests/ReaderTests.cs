using CudnnResNet.Tests.Hostile;

namespace CudnnResNet.Hostile.Tests;

/// <summary>What holds for every reader: the table of <see cref="Readers"/>, under damage of every kind.</summary>
[TestClass]
public sealed class ReaderTests
{
    public static IEnumerable<object[]> Table => Readers.All.Select(reader => new object[] { reader.Name });

    [TestMethod]
    [DynamicData(nameof(Table))]
    public void The_files_that_are_damaged_are_good_before(string name)
    {
        using var file = new HostileFile();
        foreach (byte[] seed in Reader(name).Seeds)
        {
            var first = file.Try(Reader(name), seed);
            Assert.IsNull(first.Refusal, first.Refusal?.Message);
            Assert.AreEqual(first.Content, file.Try(Reader(name), seed).Content);
        }
    }

    private static Reader Reader(string name) => Readers.All.Single(reader => reader.Name == name);
}
