using CudnnResNet.Model.Devices;

namespace CudnnResNet.Model.Tests.Conformance;

/// <summary>The numbers of a conv-norm case: equal for every device, and exact in float.</summary>
internal static class CaseData
{
    /// <summary>One of the case's inputs: x, and s of a single unit.</summary>
    public static float[] Input(ConvNormCase what, int input, int n, string stream, bool plain)
    {
        var shape = what.Inputs[input];
        bool offset = what.Content == Content.LargeMean && !plain;
        var values = TestData.Normal(n * shape.Size, $"{stream} input {input}", mean: offset ? 10 : 0);
        if (plain || input > 0) return values;
        int middle = (n / 2 * shape.C + 1) * shape.Plane + shape.Plane / 2; // in the middle image's second channel
        if (what.Content == Content.NaN) values[middle] = float.NaN;
        if (what.Content == Content.Infinity) values[middle] = float.PositiveInfinity;
        if (what.Content == Content.ConstantChannels)
            for (int image = 0; image < n; image++) values.AsSpan(image * shape.Size, shape.Plane).Fill(1);
        return values;
    }

    /// <summary>Sets w, batch norm's scale and bias and the running statistics.</summary>
    public static void UploadParameters(ConvNormCase what, ConvNormUnit unit, string stream, bool plain)
    {
        var spec = unit.Spec;
        string name = $"{stream} {spec.Name}";
        var w = TestData.Normal(spec.WeightCount, $"{name} w", Math.Sqrt(2.0 / (9 * spec.X.C)));
        var scale = TestData.Normal(spec.Y.C, $"{name} scale", 0.3, 0.8);
        scale[^1] = -scale[^1]; // the affine map of batch norm turns round
        if (!plain && what.Content == Content.ZeroScale) scale[0] = scale[^2] = 0;
        if (!plain && what.Content == Content.ConstantChannels)
        {
            w.AsSpan(0, 2 * spec.X.C * 9).Clear();
            w[spec.X.C * 9 + 4] = 0.75f; // the second output channel: the first input channel's centre tap
        }
        unit.Upload(UnitTensor.W, TestData.Wide(w));
        unit.Upload(UnitTensor.Scale, TestData.Wide(scale));
        unit.Upload(UnitTensor.Bias, TestData.Wide(TestData.Normal(spec.Y.C, $"{name} bias", 0.2)));
        unit.Upload(UnitTensor.RunningMean, TestData.Wide(TestData.Normal(spec.Y.C, $"{name} mean", 0.2)));
        unit.Upload(UnitTensor.RunningVariance, TestData.Wide(Array.ConvertAll(TestData.Normal(spec.Y.C, $"{name} variance", 0.2), value => 0.5f + value * value)));
    }
}
