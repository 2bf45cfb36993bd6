namespace CudnnResNet.Model;

/// <summary>Writes networks as ONNX models (opset 17, IR version 8) for inference elsewhere.</summary>
public static class OnnxFile
{
    /// <summary>
    /// Writes a model with the input <c>input</c> (N, 3, 32, 32) and the output <c>logits</c> (N, classes), N free; what a weights file says about
    /// the network is in its metadata. The old file is replaced as a whole or not at all.
    /// </summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="architecture">The network.</param>
    /// <param name="normalization">How its input is normalised: a part of the model where the options say so.</param>
    /// <param name="state">Its parameters and running statistics.</param>
    /// <param name="options">How it is written; null for neither folded nor with the normalisation.</param>
    /// <param name="origin">Where the weights come from.</param>
    /// <param name="classNames">A name for each class, in the order of the logits, or null.</param>
    /// <exception cref="WeightsException">The state is not this network's.</exception>
    /// <exception cref="IOException">The disk is full, the folder is missing, or the like.</exception>
    public static void Save(string path, ArchitectureSpec architecture, Normalization normalization, StateDict state, OnnxOptions? options = null, WeightsOrigin? origin = null,
        IReadOnlyList<string>? classNames = null)
    {
        StateCheck.SameLayout(architecture, state, parametersOnly: false);
        options ??= new();
        var metadata = WeightsMetadata.Write(architecture, normalization, state, origin ?? new(), classNames);
        byte[] model = new OnnxModel(architecture, state, options, normalization).Write(metadata);
        AtomicFile.Write(path, stream => stream.Write(model));
    }
}
