using CudnnResNet.VirtualGpu.Memory;

namespace CudnnResNet.VirtualGpu.Tests.Memory;

/// <summary>What an allocation knows of its words, against one flag for each.</summary>
[TestClass]
public sealed unsafe class AllocationTests
{
    private const int Bytes = 1201;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Written_words_are_known_for_ranges_of_any_place_and_size(int seed)
    {
        var random = new Random(seed);
        using var allocation = new Allocation(1, 0, 0x1000, Bytes, "a test");
        bool[] words = new bool[(Bytes + 3) / 4];
        for (int step = 0; step < 2000; step++)
        {
            int offset = random.Next(Bytes);
            // Mostly small, as a kernel's accesses are, and sometimes over whole groups of 64 words.
            int bytes = Math.Min(random.Next(8) == 0 ? random.Next(1, 700) : random.Next(1, 33), Bytes - offset);
            if (step % 50 == 0)
            {
                allocation.MarkWritten(offset, bytes);
                for (int word = offset / 4; word <= (offset + bytes - 1) / 4; word++) words[word] = true;
            }
            int missing = Enumerable.Range(offset, bytes).FirstOrDefault(at => !words[at / 4], -1);
            Assert.AreEqual(missing, allocation.FirstUnwritten(offset, bytes), $"{bytes} bytes at {offset}, step {step}");
        }
    }

    [TestMethod]
    public void It_begins_as_no_number()
    {
        using var allocation = new Allocation(1, 0, 0x1000, 8, "a test");
        Assert.IsTrue(float.IsNaN(*(float*)allocation.Data));
        Assert.AreEqual(-1, ((int*)allocation.Data)[1]);
        Assert.AreEqual(0, allocation.FirstUnwritten(0, 8));
    }
}
