using System.Globalization;
using CudnnResNet.Soak;
using CudnnResNet.Soak.Faults;

// soak [--seconds 60] [--seed N] [--only NAME,NAME]   or   soak --steps 20000
// Exit code 0 where nothing was lost, hung or leaked, 1 where something was, 2 where this cannot be read.
const string Usage = "soak [--seconds N] [--seed N] [--only NAME,NAME], or soak --steps N";
int seconds = 60, seed = Random.Shared.Next(), steps = 0;
string[] only = [];
for (int i = 0; i < args.Length; i += 2)
{
    if (i + 1 == args.Length || !Set(args[i], args[i + 1])) return Refuse($"{string.Join(' ', args[i..Math.Min(i + 2, args.Length)])}; {Usage}");
}
if (steps > 0) return LongRun.Run(steps, Console.Out) ? 0 : 1;

Fault[] all =
[
    new KillFault(), new SignalFault(), new FullDiskFault(), new UnreliableDiskFault(), new FolderRemovedFault(), new DamagedCheckpointFault(), new HostileFileFault(),
    new WorkerFault(), new NativeCallFault(breaks: false), new NativeCallFault(breaks: true), new TwoProcessesFault(), new CycleFault(), new TwoTrainersFault(), new ConcurrentInferenceFault(),
];
Fault[] known = [.. all, .. PlantedFaults.All()];
if (only.Except(known.Select(fault => fault.Name)).FirstOrDefault() is { } unknown) return Refuse($"'{unknown}' is none of {string.Join(", ", known.Select(fault => fault.Name))}");
Fault[] chosen = only.Length == 0 ? all : [.. known.Where(fault => only.Contains(fault.Name))];

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{chosen.Length} faults for {seconds} s, seed {seed}"));
try
{
    var counts = new SoakRun(chosen, seed, Console.Out).Run(TimeSpan.FromSeconds(seconds));
    Console.WriteLine();
    FaultCount.Write(counts, Console.Out);
    return counts.All(count => count.IsClean) ? 0 : 1;
}
finally
{
    foreach (var fault in known.OfType<IDisposable>()) fault.Dispose();
}

bool Set(string option, string value)
{
    if (option == "--only") only = value.Split(',', StringSplitOptions.TrimEntries);
    else if (!int.TryParse(value, CultureInfo.InvariantCulture, out int number) || number < 0) return false;
    else if (option == "--seconds") seconds = number;
    else if (option == "--seed") seed = number;
    else if (option == "--steps") steps = number;
    else return false;
    return true;
}

static int Refuse(string what)
{
    Console.Error.WriteLine($"error: {what}");
    return 2;
}
