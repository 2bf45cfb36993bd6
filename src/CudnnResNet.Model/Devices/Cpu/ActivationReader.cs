namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>Computes rows of an activation that a unit has left as z and an affine map.</summary>
internal sealed unsafe class ActivationReader<TLanes>(CpuContext context) where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Rows of one image, with their border, into scratch memory; y is stored too where it will be needed again.</summary>
    public void LoadPadded(CpuActivation activation, ImageRows rows, int image, int thread, float* padded)
    {
        if (activation.Padded != null) throw new InvalidOperationException("a training pass cannot read what inference has written");
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
        float* s = activation.S is null ? null : Shortcut(activation.Producer!, activation.S, image, thread).First;
        float* y = activation.Stored == null ? null : activation.Stored + offset;
        Passes<TLanes>.PadNormalized(rows, activation.Z + offset, activation.Scale, activation.Shift, s, y, context.Streams(shape), padded);
    }

    /// <summary>One image of what a unit's shortcut adds: s itself, or what a downsampling one takes of it, in scratch memory.</summary>
    public ImagePlace Shortcut(ConvNormSpec spec, CpuActivation s, int image, int thread)
    {
        if (s.Values == null && s.Padded == null) throw new InvalidOperationException($"{spec.Name}: the shortcut's source was not stored");
        var source = s.Padded == null ? new ImagePlace(spec.S, s.Values + (nint)image * spec.S.Size, isPadded: false)
            : new ImagePlace(spec.S, s.Padded + (nint)image * ImageRows.All(spec.S).PaddedSize, isPadded: true);
        if (spec.Shortcut == ShortcutKind.Identity) return source;
        var gathered = new ImagePlace(spec.Y, context.Gathered[thread], isPadded: false);
        DownsamplingShortcut.Forward(spec, source, gathered);
        return gathered;
    }
}
