using CudnnResNet.Model;

namespace CudnnResNet.Fuzz.Tests;

/// <summary>What the fuzzer takes for a bug.</summary>
[TestClass]
public sealed class OracleTests
{
    [TestMethod]
    public void A_load_and_a_refusal_are_right()
    {
        Assert.IsNull(Judge(path => "content"));
        Assert.IsNull(Judge(path => throw new WeightsException($"{path}: damaged")));
    }

    [TestMethod]
    public void Another_exception_is_a_crash_and_names_where_it_comes_from()
    {
        var fault = Judge(path => throw new FormatException());
        Assert.AreEqual(FaultKind.Crash, fault!.Kind);
        Assert.StartsWith("FormatException in ", fault.Signature);
    }

    [TestMethod]
    public void More_than_a_second_is_a_hang()
    {
        int times = 0;
        Assert.AreEqual(FaultKind.Hang, Judge(path => Slow(), limit: TimeSpan.FromMilliseconds(1))!.Kind);
        Assert.AreEqual(3, times, "the best of three counts");

        string Slow()
        {
            times++;
            Thread.Sleep(5);
            return "";
        }
    }

    [TestMethod]
    public void Memory_out_of_proportion_is_an_allocation() =>
        Assert.AreEqual(FaultKind.Allocation, Judge(path => $"{new byte[(64 << 20) + 100].Length}")!.Kind);

    [TestMethod]
    public void An_error_that_cannot_be_shown_is_a_message() =>
        Assert.AreEqual(FaultKind.Message, Judge(path => throw new WeightsException(new string('x', 2000) + path))!.Kind);

    private static Fault? Judge(Func<string, string> read, TimeSpan? limit = null)
    {
        using var oracle = new Oracle(limit ?? TimeSpan.FromMinutes(1));
        return oracle.Judge(new("test", "file", () => [], read), [1, 2, 3]);
    }
}
