namespace CudnnResNet.Model.Devices.Cpu;

/// <summary>The interpolation points of a Winograd convolution in one direction: a, -a, b, -b, and which of the others.</summary>
internal interface IPoints
{
    /// <summary>Whether 0 is one of them.</summary>
    static abstract bool Zero { get; }

    /// <summary>Whether infinity is one of them.</summary>
    static abstract bool Infinity { get; }
}

/// <summary>Three taps, six points: stride 1.</summary>
internal readonly struct ThreeTaps : IPoints
{
    public static bool Zero => true;
    public static bool Infinity => true;
}

/// <summary>Two taps, five points: the odd rows or columns of stride 2.</summary>
internal readonly struct TwoTaps : IPoints
{
    public static bool Zero => false;
    public static bool Infinity => true;
}

/// <summary>One tap, four points, among those of two taps: the even rows or columns of stride 2.</summary>
internal readonly struct OneTap : IPoints
{
    public static bool Zero => false;
    public static bool Infinity => false;
}
