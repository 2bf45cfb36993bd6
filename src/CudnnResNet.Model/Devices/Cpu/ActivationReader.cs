namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Computes rows of an activation that a unit has left as z and an affine map.</summary>
internal sealed unsafe class ActivationReader<TLanes>(CpuContext context) where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Rows of one image, with their border, into scratch memory; y is stored too where it will be needed again.</summary>
    public void LoadPadded(CpuActivation activation, ImageRows rows, int image, int thread, float* padded)
    {
        Shape shape = activation.Shape;
        nint offset = (nint)image * shape.Size;
        if (shape.C % Blocked.Lanes != 0)
        {
            Planar.Pad(shape, activation.Values + offset, padded);
            return;
        }
        if (activation.Values != null)
        {
            Passes<TLanes>.Pad(rows, activation.Values + offset, padded);
            return;
        }
        float* s = activation.S is null ? null : Shortcut(activation.Producer!, activation.S, image, thread);
        float* y = activation.Stored == null ? null : activation.Stored + offset;
        Passes<TLanes>.PadNormalized(rows, activation.Z + offset, activation.Scale, activation.Shift, s, y, context.Streams(shape), padded);
    }

    /// <summary>One image of what a unit's shortcut adds: s itself, or option A's copy of it in scratch memory.</summary>
    public float* Shortcut(ConvNormSpec spec, CpuActivation s, int image, int thread)
    {
        if (s.Values == null) throw new InvalidOperationException($"{spec.Name}: the shortcut's source was not stored");
        float* values = s.Values + (nint)image * spec.S.Size;
        if (spec.Shortcut == ShortcutKind.Identity) return values;
        OptionA.Forward(spec, values, context.Gathered[thread]);
        return context.Gathered[thread];
    }
}
