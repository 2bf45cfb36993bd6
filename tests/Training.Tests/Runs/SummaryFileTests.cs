using CudnnResNet.Model;

namespace CudnnResNet.Training.Tests.Runs;

[TestClass]
public sealed class SummaryFileTests
{
    private static SummaryRow Row(int epoch) => new(epoch, 1.0 / 3, 0.5, 0.25, 0.1, 2e-7, 0.25, 1234.56, 7.0001, 14.5, "ab");

    [TestMethod]
    public void A_row_is_comma_separated_and_exact()
    {
        Assert.AreEqual("3,0.3333333333333333,0.5,0.25,0.1,2E-07,0.25,1234.6,7,14.5,ab", Row(3).ToCsv());
        StringAssert.StartsWith(SummaryRow.Header, "epoch,train_loss,train_err,test_err,");
        Assert.HasCount(Row(0).ToCsv().Split(',').Length, SummaryRow.Header.Split(','));
        Assert.HasCount(Row(0).ToCsv().Split(',').Length, SummaryRow.ValidationHeader.Split(','));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("2,0.1")]
    [DataRow("2,0.1\n3,0.2\n")]
    public void Rows_beyond_the_checkpoint_are_cut_off(string beyond)
    {
        using var temp = new TemporaryFolder();
        var file = SummaryFile.Create(temp["summary.csv"], SummaryRow.Header, FileOperations.Default);
        file.Append(Row(0));
        file.Append(Row(1));
        File.AppendAllText(temp["summary.csv"], beyond);
        SummaryFile.Resume(temp["summary.csv"], rows: 2, FileOperations.Default).Append(Row(2));
        Assert.AreEqual(string.Concat(SummaryRow.Header, "\n", Row(0).ToCsv(), "\n", Row(1).ToCsv(), "\n", Row(2).ToCsv(), "\n"), File.ReadAllText(temp["summary.csv"]));
    }

    [TestMethod]
    public void Rows_that_are_gone_are_noticed()
    {
        using var temp = new TemporaryFolder();
        SummaryFile.Create(temp["summary.csv"], SummaryRow.Header, FileOperations.Default).Append(Row(0));
        StringAssert.Contains(Assert.ThrowsExactly<RunFolderException>(() => SummaryFile.Resume(temp["summary.csv"], rows: 2, FileOperations.Default)).Message, "1 rows");
    }
}
