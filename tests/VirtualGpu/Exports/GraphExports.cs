using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Driver;

namespace CudnnResNet.VirtualGpu.Exports;

/// <summary>Graphs.</summary>
internal static unsafe class GraphExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuGraphGetNodes")]
    internal static CUresult cuGraphGetNodes(nint hGraph, nint* nodes, nuint* numNodes) => Call.InContext(context =>
    {
        Call.Require(numNodes is not null, "numNodes is null");
        GpuGraph graph = Graph(context, hGraph);
        nuint there = (nuint)graph.Nodes.Count;
        if (nodes is not null)
        {
            // What is asked for beyond the nodes that are there is null.
            for (nuint i = 0; i < *numNodes; i++) nodes[i] = i < there ? graph.Nodes[(int)i] : 0;
            there = Math.Min(there, *numNodes);
        }
        *numNodes = there;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphInstantiateWithFlags")]
    internal static CUresult cuGraphInstantiateWithFlags(nint* phGraphExec, nint hGraph, ulong flags) => Call.InContext(context =>
    {
        Call.Require(phGraphExec is not null, "phGraphExec is null");
        Call.Require(flags == 0, $"flags {flags}: the emulator knows 0 only");
        Capture.Forbid(context.Machine, nameof(cuGraphInstantiateWithFlags));
        *phGraphExec = context.Machine.Handles.Add(new GpuGraphExec(context, Graph(context, hGraph).Operations)).Handle;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphLaunch")]
    internal static CUresult cuGraphLaunch(nint hGraphExec, nint hStream) => Call.InContext(context =>
    {
        GpuGraphExec graph = Exec(context, hGraphExec);
        GpuStream stream = Call.Stream(context, hStream);
        Capture.ForbidOn(stream, nameof(cuGraphLaunch));
        context.Machine.Counters.GraphLaunches++;
        graph.Launch(stream);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphExecDestroy")]
    internal static CUresult cuGraphExecDestroy(nint hGraphExec) => Call.InContext(context => { Exec(context, hGraphExec).IsDestroyed = true; });

    [UnmanagedCallersOnly(EntryPoint = "cuGraphDestroy")]
    internal static CUresult cuGraphDestroy(nint hGraph) => Call.InContext(context => { Graph(context, hGraph).IsDestroyed = true; });

    private static GpuGraph Graph(GpuContext context, nint handle) => Call.Object<GpuGraph>(context, handle, "graph");

    private static GpuGraphExec Exec(GpuContext context, nint handle) => Call.Object<GpuGraphExec>(context, handle, "executable graph");
}
