namespace CudnnResNet.Native.Tests.Abi;

/// <summary>The comparison of <see cref="DeclarationTests"/> catches what it is there for.</summary>
[TestClass]
public sealed class PlantedMistakeTests
{
    private static readonly AbiChecker Checker = new(AbiFacts.Read());

    [TestMethod]
    [DataRow(typeof(SwappedParameters), "cudnnActivationBackward: parameter 5 is y, not dy", "cudnnActivationBackward: parameter 7 is dy, not y")]
    [DataRow(typeof(WrongSize), "cuMemAlloc_v2: bytesize is size_t, not UInt32")]
    [DataRow(typeof(OldEntryPoint), "cuMemAlloc is an old entry point: it still exists with an older signature")]
    [DataRow(typeof(MissingPointer), "cuMemGetInfo_v2: free is pointer:size_t, not UIntPtr")]
    [DataRow(typeof(MissingOut), "cuStreamCreate: phStream is pointer:handle:CUstream, not IntPtr")]
    [DataRow(typeof(WrongReturn), "cuCtxSynchronize returns enum:CUresult, not IntPtr")]
    public void Wrong_functions_are_caught(Type planted, params string[] findings) =>
        CollectionAssert.AreEqual(findings, Declaration.ImportsOf(planted).SelectMany(Checker.Function).ToArray());

    [TestMethod]
    public void A_wrong_enum_value_is_caught() =>
        CollectionAssert.AreEqual(new[] { "cudnnMathType_t.CUDNN_FMA_MATH is 3, not 2" }, Checker.Enum(typeof(WrongEnumValue.cudnnMathType_t)).ToArray());

    [TestMethod]
    public void A_wrong_struct_offset_is_caught() =>
        CollectionAssert.AreEqual(
            new[] { "cudnnConvolutionFwdAlgoPerf_t.determinism is at 24, not at 28", "cudnnConvolutionFwdAlgoPerf_t.mathType is at 28, not at 24" },
            Checker.Struct(typeof(WrongStructOffset.cudnnConvolutionFwdAlgoPerf_t)).ToArray());
}
