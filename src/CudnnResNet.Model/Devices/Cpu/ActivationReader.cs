namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Computes images of an activation that a unit has left as z and an affine map.</summary>
internal sealed unsafe class ActivationReader<TLanes>(CpuContext context) where TLanes : struct, ILanes<TLanes>
{
    /// <summary>One image into a padded scratch image; y is stored too where it will be needed again.</summary>
    public void LoadPadded(CpuActivation activation, int image, int thread, float* padded)
    {
        Shape shape = activation.Shape;
        nint offset = (nint)image * shape.Size;
        if (shape.C % Blocked.Lanes != 0) Planar.Pad(shape, activation.Values + offset, padded);
        else if (activation.Values != null) Passes<TLanes>.Pad(shape, activation.Values + offset, padded);
        else if (activation.S is null) Passes<TLanes>.PadNormalized(shape, activation.Z + offset, activation.Scale, activation.Shift, padded);
        else
        {
            float* s = Shortcut(activation.Producer!, activation.S, image, thread);
            Passes<TLanes>.PadJoined(shape, activation.Z + offset, activation.Scale, activation.Shift, s, activation.Stored + offset, padded);
        }
    }

    /// <summary>One image of what a unit's shortcut adds: s itself, or a copy in scratch memory.</summary>
    public float* Shortcut(ConvNormSpec spec, CpuActivation s, int image, int thread)
    {
        nint offset = (nint)image * spec.S.Size;
        float* values = s.Values + offset;
        if (s.Values == null)
        {
            // Only the first block's source is not stored: it comes from a unit that has no shortcut itself.
            values = context.Source[thread];
            Passes<TLanes>.Normalize(spec.S, s.Z + offset, s.Scale, s.Shift, null, values);
        }
        if (spec.Shortcut == ShortcutKind.Identity) return values;
        OptionA.Forward(spec, values, context.Gathered[thread]);
        return context.Gathered[thread];
    }
}
