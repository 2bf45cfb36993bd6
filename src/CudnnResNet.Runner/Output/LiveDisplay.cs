using CudnnResNet.Model;
using CudnnResNet.Training;
using Spectre.Console;

namespace CudnnResNet.Runner.Output;

/// <summary>A terminal: the table grows upwards, and below it one line is redrawn with bar, loss, error, images per second and times.</summary>
internal sealed class LiveDisplay(string marks) : TrainingDisplay
{
    private const int BarWidth = 24;
    private readonly IAnsiConsole console = AnsiConsole.Console;
    private LiveDisplayContext? live;

    public override TrainResult Show(Func<TrainResult> train)
    {
        console.Write(new Text(EpochTable.Head(marks) + "\n", new Style(decoration: Decoration.Bold)));
        return console.Live(new Text("starting …")).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(context =>
        {
            live = context;
            context.Refresh();
            try
            {
                return train();
            }
            finally
            {
                live = null;
            }
        });
    }

    public override void Say(string text) => console.Write(new Text($"note      {PrintableText.Of(text)}\n", new Style(Color.Yellow)));

    protected override void OnStep(StepProgress step)
    {
        double done = step.Steps == 0 ? 1 : (double)step.Step / step.Steps;
        int full = (int)Math.Round(done * BarWidth);
        live?.UpdateTarget(new Markup(Words.Text(
            $"[bold]{step.Epoch + 1}/{step.Epochs}[/] [green]{new string('━', full)}[/][grey]{new string('─', BarWidth - full)}[/] {step.Step}/{step.Steps}  loss [bold]{step.Loss:F3}[/]  err {step.Error * 100:F1}%  {Words.Speed(step.ImagesPerSecond)} img/s  eta {Words.Time(step.Remaining)}")));
    }

    protected override void OnEpoch(EpochProgress epoch) =>
        console.Write(new Text(EpochTable.Row(epoch) + "\n", epoch.IsBest ? new Style(Color.Green) : Style.Plain));
}
