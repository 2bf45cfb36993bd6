using CudnnResNet.Model;
using CudnnResNet.Peers.Worker;
using Microsoft.ML.OnnxRuntime;

namespace CudnnResNet.Peers.Onnx;

/// <summary>ONNX Runtime's CPU provider, all its optimisations on, inference only. Variants: the names of <see cref="OptionAForm"/>.</summary>
internal sealed class OnnxPeer : IPeer
{
    public string Version { get; } = $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    public IOpenWork Open(Work work) => work.Kind == WorkKind.Inference
        ? new InferenceWork(work)
        : throw new NotSupportedException($"{work.Kind} is not measured of ONNX Runtime, whose package has no training");

    public double[] Logits(Work work)
    {
        using var open = new InferenceWork(work);
        open.RunStep();
        return Array.ConvertAll(open.Logits, value => (double)value);
    }

    public void Train(TrainingRequest request, Func<bool> awaitTurn, Action<Epoch> report) => throw new NotSupportedException("ONNX Runtime's package has no training");

    private sealed class InferenceWork : IOpenWork
    {
        private readonly InferenceSession session;
        private readonly RunOptions options = new();
        private readonly OrtValue[] inputs, outputs;

        public InferenceWork(Work work)
        {
            var weights = WeightsFile.Load(work.Weights);
            using var settings = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                IntraOpNumThreads = work.Threads,
                InterOpNumThreads = 1,
            };
            var model = new OnnxModel(weights.Architecture, weights.State, new() { Fold = true, OptionA = Enum.Parse<OptionAForm>(work.Variant) }, weights.Normalization);
            session = new(model.Write(new Dictionary<string, string>()), settings);
            Logits = new float[work.BatchSize * weights.Architecture.Classes];
            inputs = [OrtValue.CreateTensorValueFromMemory(Inputs.Read(work.Inputs, work.BatchSize).Images, [work.BatchSize, 3, 32, 32])];
            outputs = [OrtValue.CreateTensorValueFromMemory(Logits, [work.BatchSize, weights.Architecture.Classes])];
            Device = $"{work.Threads} threads, CPU provider";
        }

        public string Device { get; }

        public float[] Logits { get; }

        public void RunStep() => session.Run(options, session.InputNames, inputs, session.OutputNames, outputs);

        public void Dispose()
        {
            foreach (var value in inputs.Concat(outputs)) value.Dispose();
            options.Dispose();
            session.Dispose();
        }
    }
}
