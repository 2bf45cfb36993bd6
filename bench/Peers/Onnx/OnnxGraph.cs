using System.Runtime.InteropServices;

namespace CudnnResNet.Peers.Onnx;

/// <summary>Builds an ONNX model of one input and one output, node by node; a value is known by its name.</summary>
/// <remarks>The numbers of the fields are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).</remarks>
internal sealed class OnnxGraph(string name)
{
    private const int IrVersion = 8, Opset = 17;
    private const int Float = 1, Int64 = 7;

    private readonly List<Action<ProtobufWriter>> nodes = [], constants = [];

    /// <summary>Adds a constant of floats.</summary>
    public string Constant(string constant, ReadOnlySpan<float> values, params long[] shape) => Constant(constant, Float, MemoryMarshal.AsBytes(values).ToArray(), shape);

    /// <summary>Adds a constant list of integers.</summary>
    public string Constant(string constant, params long[] values) => Constant(constant, Int64, MemoryMarshal.AsBytes<long>(values).ToArray(), [values.Length]);

    /// <summary>Adds a node with one output, which is returned.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="node">The node's name, and its output's.</param>
    /// <param name="inputs">Values, in the operator's order.</param>
    /// <param name="attributes">Lists of integers; a list of one is a single integer where <paramref name="single"/> says so.</param>
    /// <param name="single">Names of the attributes that are integers, not lists.</param>
    public string Node(string type, string node, string[] inputs, (string Name, long[] Values)[] attributes, params string[] single)
    {
        nodes.Add(message =>
        {
            foreach (string input in inputs) message.Write(1, input);
            message.Write(2, node);
            message.Write(3, node);
            message.Write(4, type);
            foreach (var (attribute, values) in attributes)
            {
                bool one = single.Contains(attribute);
                message.Write(5, content =>
                {
                    content.Write(1, attribute);
                    foreach (long value in values) content.Write(one ? 3 : 8, value);
                    content.Write(20, one ? 2L : 7L); // AttributeProto.INT or INTS
                });
            }
        });
        return node;
    }

    /// <summary>The model's bytes.</summary>
    /// <param name="input">The input's name and shape; a null size is free and called N.</param>
    /// <param name="output">The same of the output, which is a node's.</param>
    public byte[] Model((string Name, long?[] Shape) input, (string Name, long?[] Shape) output)
    {
        var model = new ProtobufWriter();
        model.Write(1, IrVersion);
        model.Write(2, "CudnnResNet");
        model.Write(7, graph =>
        {
            foreach (var node in nodes) graph.Write(1, node);
            graph.Write(2, name);
            foreach (var constant in constants) graph.Write(5, constant);
            graph.Write(11, message => WriteValue(message, input.Name, input.Shape));
            graph.Write(12, message => WriteValue(message, output.Name, output.Shape));
        });
        model.Write(8, opset => opset.Write(2, Opset));
        return model.ToArray();
    }

    private string Constant(string constant, int type, byte[] bytes, long[] shape)
    {
        constants.Add(message =>
        {
            foreach (long size in shape) message.Write(1, size);
            message.Write(2, type);
            message.Write(8, constant);
            message.Write(9, bytes);
        });
        return constant;
    }

    private static void WriteValue(ProtobufWriter message, string value, long?[] shape)
    {
        message.Write(1, value);
        message.Write(2, type => type.Write(1, tensor =>
        {
            tensor.Write(1, Float);
            tensor.Write(2, sizes =>
            {
                foreach (long? size in shape)
                {
                    sizes.Write(1, dimension =>
                    {
                        if (size is { } known) dimension.Write(1, known);
                        else dimension.Write(2, "N");
                    });
                }
            });
        }));
    }
}
