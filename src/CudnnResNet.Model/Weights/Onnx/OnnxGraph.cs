using System.Buffers.Binary;

namespace CudnnResNet.Model;

/// <summary>Builds an ONNX model of one input and one output, node by node; a value is known by its name.</summary>
/// <remarks>The numbers of the fields are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).</remarks>
internal sealed class OnnxGraph(string name)
{
    private const int IrVersion = 8, Opset = 17;
    private const int Float = 1, Int64 = 7; // TensorProto.DataType

    private readonly List<Action<ProtobufWriter>> nodes = [], constants = [];

    /// <summary>Adds a constant of floats.</summary>
    public string Constant(string constant, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return Constant(constant, Float, bytes, shape);
    }

    /// <summary>Adds a constant list of integers.</summary>
    public string Constant(string constant, params ReadOnlySpan<long> values)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        return Constant(constant, Int64, bytes, [values.Length]);
    }

    /// <summary>Adds a node with one output, which is returned.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="node">The node's name, and its output's.</param>
    /// <param name="inputs">Values, in the operator's order.</param>
    /// <param name="attributes">Made by <see cref="Integer"/>, <see cref="Integers"/> and <see cref="Number"/>.</param>
    public string Node(string type, string node, string[] inputs, params Action<ProtobufWriter>[] attributes)
    {
        nodes.Add(message =>
        {
            foreach (string input in inputs) message.Write(1, input);
            message.Write(2, node);
            message.Write(3, node);
            message.Write(4, type);
            foreach (var attribute in attributes) message.Write(5, attribute);
        });
        return node;
    }

    // The types are AttributeProto's: FLOAT 1, INT 2, INTS 7.

    /// <summary>A float as an attribute.</summary>
    public static Action<ProtobufWriter> Number(string attribute, float value) => Attribute(attribute, type: 1, message => message.Write(2, value));

    /// <summary>An integer as an attribute.</summary>
    public static Action<ProtobufWriter> Integer(string attribute, long value) => Attribute(attribute, type: 2, message => message.Write(3, value));

    /// <summary>A list of integers as an attribute.</summary>
    public static Action<ProtobufWriter> Integers(string attribute, params long[] values) => Attribute(attribute, type: 7, message =>
    {
        foreach (long value in values) message.Write(8, value);
    });

    /// <summary>The model's bytes.</summary>
    /// <param name="input">The input's name and shape; a null size is free and called N.</param>
    /// <param name="output">The same of the output, which is a node's.</param>
    /// <param name="metadata">What the model says about itself; written sorted, so that equal content gives equal bytes.</param>
    public byte[] Model((string Name, int?[] Shape) input, (string Name, int?[] Shape) output, IReadOnlyDictionary<string, string> metadata)
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
        foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            model.Write(14, entry =>
            {
                entry.Write(1, key);
                entry.Write(2, value);
            });
        }
        return model.ToArray();
    }

    private static Action<ProtobufWriter> Attribute(string attribute, long type, Action<ProtobufWriter> value) => message =>
    {
        message.Write(1, attribute);
        value(message);
        message.Write(20, type);
    };

    private string Constant(string constant, int type, byte[] bytes, ReadOnlySpan<int> shape)
    {
        int[] sizes = shape.ToArray();
        constants.Add(message =>
        {
            foreach (int size in sizes) message.Write(1, size);
            message.Write(2, type);
            message.Write(8, constant);
            message.Write(9, bytes);
        });
        return constant;
    }

    private static void WriteValue(ProtobufWriter message, string value, int?[] shape)
    {
        message.Write(1, value);
        message.Write(2, type => type.Write(1, tensor =>
        {
            tensor.Write(1, Float);
            tensor.Write(2, sizes =>
            {
                foreach (int? size in shape)
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
