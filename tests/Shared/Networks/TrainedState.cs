using CudnnResNet.Model;

namespace CudnnResNet.Tests;

internal static class TrainedState
{
    /// <summary>Initial weights with batch norms as training leaves them: no two channels alike, no value that folds to nothing.</summary>
    public static StateDict Create(ArchitectureSpec architecture)
    {
        var random = new Random(5);
        var state = Initializer.Create(architecture, 3);
        foreach (var (name, _, values) in state.Tensors.Where(tensor => tensor.Name.Contains("bn", StringComparison.Ordinal) || tensor.Name == "fc.bias"))
        {
            for (int i = 0; i < values.Length; i++)
            {
                double u = random.NextDouble();
                values[i] = (float)(name[(name.LastIndexOf('.') + 1)..] switch
                {
                    "weight" => 0.5 + u,
                    "running_var" => 0.2 + 2 * u,
                    _ => u - 0.5,
                });
            }
        }
        return state;
    }
}
