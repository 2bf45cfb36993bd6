namespace CudnnResNet.Model;

/// <summary>The two halves of a training step.</summary>
public enum Direction
{
    /// <summary>y from x.</summary>
    Forward,

    /// <summary>dx and dw from dy.</summary>
    Backward,
}
