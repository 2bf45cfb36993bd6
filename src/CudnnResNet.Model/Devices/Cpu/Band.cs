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

    /// <summary>All rows of the image.</summary>
    public ImageRows Whole => All(Shape);

    /// <summary>The row behind the last.</summary>
    public int End => First + Count;

    /// <summary>Floats of one row of a channel block.</summary>
    public int RowFloats => Shape.W * Blocked.Lanes;

    /// <summary>Floats of one row of a channel block with its border.</summary>
    public int PaddedRowFloats => (Shape.W + 2) * Blocked.Lanes;

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

/// <summary>Some rows of images with their border, in scratch memory or within whole padded images: what a convolution reads.</summary>
/// <param name="first">The first pixel of the first image's border.</param>
/// <param name="block">Floats from one block of channels to the next.</param>
/// <param name="image">Floats from one image to the next.</param>
internal readonly unsafe struct PaddedRows(float* first, int block, int image)
{
    public float* First { get; } = first;
    public int Block { get; } = block;
    public int Image { get; } = image;

    /// <summary>Rows that lie alone in scratch memory, image behind image.</summary>
    public static PaddedRows InScratch(ImageRows rows, float* scratch) => new(scratch, (rows.Count + 2) * rows.PaddedRowFloats, rows.PaddedSize);

    /// <summary>Rows of whole padded images.</summary>
    public static PaddedRows InImages(ImageRows rows, float* images)
    {
        int row = rows.PaddedRowFloats;
        return new(images + rows.First * row, (rows.Shape.H + 2) * row, rows.Whole.PaddedSize);
    }
}

/// <summary>Where the rows of one whole image lie, with or without its border.</summary>
internal readonly unsafe struct ImagePlace(Shape shape, float* image, bool isPadded)
{
    private readonly ImageRows rows = ImageRows.All(shape);

    /// <summary>The first pixel, or null for no image at all.</summary>
    public float* First => image == null ? null : Row(0, 0);

    /// <summary>Floats from one row to the next.</summary>
    public int RowStep => isPadded ? rows.PaddedRowFloats : rows.RowFloats;

    /// <summary>The first pixel of a row, without its border.</summary>
    public float* Row(int block, int h) => image + (isPadded ? rows.InPadded(block, h) : rows.InImage(block, h));
}
