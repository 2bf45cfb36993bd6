using System.Text;
using CudnnResNet.Runner.Reporting;
using CudnnResNet.Training;

namespace CudnnResNet.Fuzz.Targets;

/// <summary>A summary of epochs, ours or the reference project's, as a report and a run that goes on read it.</summary>
internal sealed class CsvTarget : Target
{
    public override string Name => "csv";

    public override string Reads => "CSV summary";

    public override IReadOnlyList<string> Sources => ["Reporting/SummaryCsv.cs", "CudnnResNet.Training/SummaryFile.cs"];

    public override IReadOnlyList<string> NotReading => ["Create", "Append"];

    public override int MaxLength => 1 << 11;

    public override IReadOnlyList<string> Words =>
        [.. SummaryRow.Header.Split(','), .. SummaryRow.ValidationHeader.Split(',')[3..7], "\n", "\r\n", ",", ",,", "NaN", "Infinity", "-Infinity", "1e309", "1e-400", "-0", "+1", "\"", "\uFEFF", " "];

    public override IEnumerable<byte[]> Seeds() => new[]
    {
        $"{SummaryRow.Header}\n{Row(0)}\n{Row(1)}\n", $"{SummaryRow.ValidationHeader}\n{Row(0)}\n", "epoch,train_loss,train_err,test_err\r\n0,2.1,0.7,0.6\r\n1,1.5,0.5,0.5\r\n2,1.2,0.4,0.4",
    }.Select(Encoding.UTF8.GetBytes);

    public override void Read(byte[] file)
    {
        string path = InFolder("resnet20.csv");
        File.WriteAllBytes(path, file);
        RunReader.ReadCsv(path);
        SummaryFile.Resume(path, rows: 1);
    }

    private static string Row(int epoch) => new SummaryRow(epoch, 1.5, 0.5, 0.5, 0.1, 1.25, 0.5, epoch == 0 ? 900.5 : double.NaN, 55.25, 55.25, new string('a', 64)).ToCsv();
}
