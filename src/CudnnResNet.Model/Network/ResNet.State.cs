using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model;

// What a network has learnt, as the host reads and writes it.
public sealed partial class ResNet
{
    /// <summary>Parameters and running statistics.</summary>
    public StateDict State() => Read(parametersOnly: false, UnitTensor.W, UnitTensor.Scale, UnitTensor.Bias);

    /// <summary>SGD's velocities, under the parameters' names.</summary>
    public StateDict Momentum()
    {
        Trainable();
        return Read(parametersOnly: true, UnitTensor.MomentumW, UnitTensor.MomentumScale, UnitTensor.MomentumBias);
    }

    /// <summary>Gradients of the last backward pass, under the parameters' names.</summary>
    public StateDict Gradients()
    {
        Trainable();
        return Read(parametersOnly: true, UnitTensor.Dw, UnitTensor.DScale, UnitTensor.DBias);
    }

    /// <summary>Sets parameters and running statistics.</summary>
    /// <exception cref="WeightsException">A name is missing or unknown, or a shape is another network's; nothing is changed then.</exception>
    public void Load(StateDict state) => Write(state, parametersOnly: false, UnitTensor.W, UnitTensor.Scale, UnitTensor.Bias);

    /// <summary>Sets SGD's velocities.</summary>
    /// <exception cref="WeightsException">A name is missing or unknown, or a shape is another network's; nothing is changed then.</exception>
    public void LoadMomentum(StateDict momentum)
    {
        Trainable();
        Write(momentum, parametersOnly: true, UnitTensor.MomentumW, UnitTensor.MomentumScale, UnitTensor.MomentumBias);
    }

    private StateDict Read(bool parametersOnly, UnitTensor w, UnitTensor scale, UnitTensor bias)
    {
        RequireDevice();
        var state = new StateDict();
        foreach (var unit in Units)
        {
            int k = unit.Spec.Y.C;
            Add($"{unit.Spec.Name}.weight", [k, unit.Spec.X.C, 3, 3], w);
            Add($"{unit.Spec.NormName}.weight", [k], scale);
            Add($"{unit.Spec.NormName}.bias", [k], bias);
            if (parametersOnly) continue;
            Add($"{unit.Spec.NormName}.running_mean", [k], UnitTensor.RunningMean);
            Add($"{unit.Spec.NormName}.running_var", [k], UnitTensor.RunningVariance);

            void Add(string name, int[] shape, UnitTensor tensor) => state.Add(name, shape, Narrow(unit.Count(tensor, 0), values => unit.Download(tensor, values)));
        }
        state.Add("fc.weight", [head.Spec.Classes, head.Spec.X.C], Narrow(head.Count(w, 0), values => head.Download(w, values)));
        state.Add("fc.bias", [head.Spec.Classes], Narrow(head.Spec.Classes, values => head.Download(bias, values)));
        return state;
    }

    private void Write(StateDict state, bool parametersOnly, UnitTensor w, UnitTensor scale, UnitTensor bias)
    {
        RequireDevice();
        StateCheck.SameLayout(Architecture, state, parametersOnly);
        foreach (var unit in Units)
        {
            unit.Upload(w, Wide(state[$"{unit.Spec.Name}.weight"]));
            unit.Upload(scale, Wide(state[$"{unit.Spec.NormName}.weight"]));
            unit.Upload(bias, Wide(state[$"{unit.Spec.NormName}.bias"]));
            if (parametersOnly) continue;
            unit.Upload(UnitTensor.RunningMean, Wide(state[$"{unit.Spec.NormName}.running_mean"]));
            unit.Upload(UnitTensor.RunningVariance, Wide(state[$"{unit.Spec.NormName}.running_var"]));
        }
        head.Upload(w, Wide(state["fc.weight"]));
        head.Upload(bias, Wide(state["fc.bias"]));
    }

    private static float[] Narrow(int count, Action<double[]> download)
    {
        var wide = new double[count];
        download(wide);
        return Array.ConvertAll(wide, value => (float)value);
    }

    private static double[] Wide(NamedTensor tensor) => Array.ConvertAll(tensor.Values, value => (double)value);
}
