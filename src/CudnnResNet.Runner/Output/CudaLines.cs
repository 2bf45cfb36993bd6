using System.Text.Json.Nodes;
using CudnnResNet.Model.Devices;
using CudnnResNet.Native.Loading;
using CudnnResNet.Native.Safe;

namespace CudnnResNet.Runner.Output;

/// <summary>What the machine has of CUDA: driver, GPUs, cuDNN, cuBLAS, what is wrong with them, and where was looked.</summary>
internal static class CudaLines
{
    private const string Missing = "not found";

    /// <summary>Writes the lines.</summary>
    /// <param name="say">Writes a line with a name, which is in the record too.</param>
    /// <param name="report">Where lines go that people need and the record has in <c>tried</c>.</param>
    /// <returns>What the record has beyond the lines: every problem, and every path that was tried.</returns>
    public static JsonObject Write(Action<string, string> say, Report report)
    {
        CudaInspection cuda = CudaSupport.Inspect();
        say("cuda", CudaSupport.WhyNot(ordinal: 0) is { } why ? $"not usable: {why}" : CudaSupport.WhyNotAuto() ?? "usable, and what --device auto takes");
        say("driver", cuda.DriverVersion is { } driver ? $"runs CUDA up to {driver}{(PtxLanguage.NewestOf(driver) is { } ptx ? $", compiles PTX up to {ptx}" : "")}, {cuda.FileOf(NativeLibraryKind.Driver)}" : Missing);
        foreach (CudaDevice gpu in cuda.Devices) say($"gpu {gpu.Ordinal}", gpu.ToString());
        if (Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is { } visible) say("visible", $"CUDA_VISIBLE_DEVICES={visible}");
        say("cudnn", cuda.CudnnVersion is { } version ? $"{version} for CUDA {cuda.CudnnCudaVersion}, {cuda.FileOf(NativeLibraryKind.Cudnn)}" : Missing);
        say("cublas", cuda.FileOf(NativeLibraryKind.Cublas) ?? Missing);
        foreach (CudaProblem problem in cuda.Problems) report.Field("problem", problem.ToString());
        foreach (string note in cuda.Notes) report.Field("note", note);
        // Where one library is missing, people want to see where it was looked for; the record has all.
        if (cuda.Problems.FirstOrDefault(problem => problem.Library is not null)?.Library is { } missing)
        {
            foreach (LoadAttempt attempt in cuda.Report.Of(missing)) report.Field("tried", attempt.ToString());
        }
        return new()
        {
            ["problems"] = new JsonArray([.. cuda.Problems.Select(problem => JsonValue.Create(problem.ToString()))]),
            ["notes"] = new JsonArray([.. cuda.Notes.Select(note => JsonValue.Create(note))]),
            ["tried"] = new JsonArray([.. cuda.Report.Attempts.Select(attempt => JsonValue.Create(attempt.ToString()))]),
        };
    }
}
