namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>What a unit computes at a time: some rows of one image, or some whole images.</summary>
/// <param name="Image">The first image.</param>
/// <param name="Images">Images; more than one only where all rows are taken.</param>
/// <param name="Row">The first row of the unit's output.</param>
/// <param name="Rows">Rows of the unit's output.</param>
internal readonly record struct Band(int Image, int Images, int Row, int Rows);

/// <summary>Rows of one image, and where they lie in each of the memories that a pass reads and writes.</summary>
/// <param name="Shape">Shape of the whole image.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">Rows.</param>
internal readonly record struct ImageRows(Shape Shape, int First, int Count)
{
    /// <summary>All rows.</summary>
    public static ImageRows All(Shape shape) => new(shape, 0, shape.H);

    /// <summary>The row behind the last.</summary>
    public int End => First + Count;

    /// <summary>Floats of one row of a channel block.</summary>
    public int RowFloats => Shape.W * Blocked.Lanes;

    /// <summary>Floats of these rows alone: (C/16, Count, W, 16).</summary>
    public int Size => Shape.C * Count * Shape.W;

    /// <summary>Floats of these rows with a border of one pixel on each side: (C/16, Count+2, W+2, 16).</summary>
    public int PaddedSize => Shape.C * (Count + 2) * (Shape.W + 2);

    /// <summary>Where a row begins in the whole image.</summary>
    public int InImage(int block, int h) => (block * Shape.H + h) * RowFloats;

    /// <summary>Where a row begins in memory that holds these rows alone.</summary>
    public int InBand(int block, int h) => (block * Count + h - First) * RowFloats;

    /// <summary>Where a row's first pixel lies in memory that holds these rows and their border.</summary>
    public int InPadded(int block, int h) => ((block * (Count + 2) + h - First + 1) * (Shape.W + 2) + 1) * Blocked.Lanes;
}
