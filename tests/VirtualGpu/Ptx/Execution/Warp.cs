using System.Numerics;
using System.Runtime.InteropServices;
using CudnnResNet.VirtualGpu.Ptx.Syntax;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>What has become of a warp.</summary>
internal enum WarpState
{
    /// <summary>It can go on.</summary>
    Ready,

    /// <summary>All its threads wait at the barrier before <see cref="Warp.Place"/>.</summary>
    AtBarrier,

    /// <summary>All its threads have returned.</summary>
    Finished,
}

/// <summary>
/// 32 threads that execute each instruction together. A register is a row of 32 lanes, a predicate 32 bits. Where lanes part, the group
/// that stands earliest in the program runs, and groups that meet merge again.
/// </summary>
internal sealed unsafe class Warp : IDisposable
{
    /// <summary>Threads of a warp.</summary>
    public const int Lanes = 32;

    private readonly LaunchContext launch;
    private readonly Instruction[] code;
    private readonly LaneGroups others = new();
    private readonly byte* rows;
    private readonly uint* predicates;
    private readonly int firstThread;
    private readonly uint members;
    private uint active, returned;

    /// <summary>The warp whose lane 0 is that thread of the block.</summary>
    public Warp(LaunchContext launch, int firstThread)
    {
        this.launch = launch;
        this.firstThread = firstThread;
        code = launch.Program.Code;
        int threads = (int)Math.Min(Lanes, launch.Block.Count - firstThread);
        members = uint.MaxValue >> (Lanes - threads);

        // Registers that were never written hold a pattern that shows.
        var (rowBytes, predicateCount) = (launch.Program.RowBytes, launch.Program.Predicates);
        rows = (byte*)NativeMemory.AlignedAlloc((nuint)rowBytes, 64);
        predicates = (uint*)NativeMemory.AlignedAlloc((nuint)predicateCount * sizeof(uint), 64);
        new Span<byte>(rows, rowBytes).Fill(0xFF);
        new Span<uint>(predicates, predicateCount).Fill(0xAAAA_AAAA);
        foreach (var constant in launch.Program.Constants) Fill(constant.Place, constant.Bits, constant.Value);
        foreach (var (place, name) in launch.Program.VariableRows) Fill(place, 64, launch.AddressOf(name));
        foreach (var (place, name) in launch.Program.SpecialRows)
        {
            for (int lane = 0; lane < Lanes; lane++) Row<uint>(place)[lane] = SpecialRegister.Value(name, launch.Grid, launch.Block, launch.BlockIndex, firstThread + lane);
        }
    }

    /// <summary>What has become of it.</summary>
    public WarpState State { get; private set; }

    /// <summary>The index of the instruction where the running lanes stand.</summary>
    public int Place { get; private set; }

    /// <summary>Instructions executed, each counted once for every lane that stood there.</summary>
    public long Executed { get; private set; }

    /// <summary>What all warps of the launch share.</summary>
    public LaunchContext Launch => launch;

    /// <summary>The lane for which an instruction is working, for messages; -1 where it works for all.</summary>
    public int Lane { get; set; }

    /// <summary>A register's row.</summary>
    public T* Row<T>(int offset) where T : unmanaged => (T*)(rows + offset);

    /// <summary>A predicate's bits.</summary>
    public ref uint Predicate(int number) => ref predicates[number];

    /// <summary>Sets some of a predicate's bits.</summary>
    public void SetPredicate(int number, uint bits, uint lanes) => predicates[number] = (predicates[number] & ~lanes) | (bits & lanes);

    /// <summary>Begins a block.</summary>
    public void Start()
    {
        Place = 0;
        active = members;
        returned = 0;
        others.Clear();
        State = WarpState.Ready;
        // The others are the same in every block.
        foreach (var (place, name) in launch.Program.SpecialRows)
        {
            if (SpecialRegister.DependsOnBlock(name)) Fill(place, 32, SpecialRegister.Value(name, launch.Grid, launch.Block, launch.BlockIndex, firstThread));
        }
    }

    /// <summary>Goes on after a barrier that the whole block has reached.</summary>
    public void PassBarrier()
    {
        Place++;
        State = WarpState.Ready;
    }

    /// <summary>Runs to the next barrier or to the end.</summary>
    public void Run()
    {
        Lane = -1;
        try
        {
            Loop();
        }
        catch (DeviceFault fault)
        {
            string thread = Lane < 0 ? "" : $", thread {launch.Block.At(firstThread + Lane)}";
            throw new DeviceFault(fault.Code, $"kernel {launch.Kernel}, {Describe(Place)}, block {launch.BlockIndex}{thread}: {fault.Message}");
        }
    }

    /// <summary>An instruction, for messages.</summary>
    public string Describe(int place) => $"PTX line {code[place].Line} \"{code[place].Text}\"";

    private void Loop()
    {
        while (State == WarpState.Ready)
        {
            if (Place >= others.Nearest) Meet();
            var instruction = code[Place];
            Executed += BitOperations.PopCount(active);
            uint lanes = Guarded(instruction);

            if (instruction.Flow == Flow.Next)
            {
                if (lanes != 0) instruction.Execute!(this, instruction, lanes);
                Place++;
            }
            else Steer(instruction, lanes);
        }
    }

    // The running lanes have come to, or beyond, lanes that stand earlier.
    private void Meet()
    {
        int nearest = others.Nearest;
        uint met = others.TakeNearest();
        if (Place > nearest)
        {
            others.Add(Place, active, isHeld: false);
            active = 0;
        }
        Place = nearest;
        active |= met;
    }

    private void Steer(Instruction instruction, uint lanes)
    {
        switch (instruction.Flow)
        {
            case Flow.UniformBranch when lanes != 0 && lanes != active:
                throw new DeviceFault(FaultCode.LaunchFailed, "bra.uni promises that all threads go the same way, and they do not");
            case Flow.Branch or Flow.UniformBranch:
                Branch(instruction.Target, lanes);
                break;
            case Flow.Return:
                Return(lanes);
                break;
            case Flow.Trap:
                if (lanes != 0) throw new DeviceFault(FaultCode.LaunchFailed, "the kernel stops itself");
                Place++;
                break;
            case Flow.Barrier:
                Barrier(lanes);
                break;
            default:
                Converge(instruction, lanes);
                break;
        }
    }

    private void Branch(int target, uint lanes)
    {
        if (lanes == active)
        {
            Place = target;
            return;
        }
        if (lanes != 0) others.Add(target, lanes, isHeld: false);
        active &= ~lanes;
        Place++;
    }

    private void Return(uint lanes)
    {
        returned |= lanes;
        active &= ~lanes;
        if (active != 0) Place++;
        else if (others.Nearest != int.MaxValue)
        {
            Place = others.Nearest;
            active = others.TakeNearest();
        }
        else if (others.AnyHeld() is var place and >= 0)
        {
            // Nobody is left who could join these: they try again, and go on or fail.
            Place = place;
            active = others.TakeHeld(place);
        }
        else State = WarpState.Finished;
    }

    private void Barrier(uint lanes)
    {
        if (lanes == 0) Place++;
        else if (lanes != active) throw new DeviceFault(FaultCode.LaunchFailed, "bar.sync in divergent code: its predicate is not the same for all threads");
        else if (Gather(members)) State = WarpState.AtBarrier;
    }

    // Threads that have returned need not take part in an instruction with a member mask; to a barrier they have to come.
    private void Converge(Instruction instruction, uint lanes)
    {
        if (lanes == 0)
        {
            Place++;
            return;
        }
        uint mask = Row<uint>(instruction.C)[BitOperations.TrailingZeroCount(lanes)], needed = mask & members & ~returned;
        if ((lanes & ~mask) != 0) throw new DeviceFault(FaultCode.LaunchFailed, $"a thread takes part that its own member mask 0x{mask:x8} leaves out");
        if (!Gather(needed)) return;

        lanes = Guarded(instruction);
        if ((needed & ~lanes) != 0) throw new DeviceFault(FaultCode.LaunchFailed, "a .sync instruction in divergent code: its predicate is not the same for all threads of its member mask");
        instruction.Execute!(this, instruction, lanes);
        Place++;
    }

    private uint Guarded(Instruction instruction) =>
        instruction.Guard < 0 ? active : active & (instruction.GuardNegated ? ~predicates[instruction.Guard] : predicates[instruction.Guard]);

    // Whether the running lanes, together with those that are held here, are all that are needed; if not, they are held until the rest comes.
    private bool Gather(uint needed)
    {
        active |= others.TakeHeld(Place);
        if ((needed & ~active) == 0) return true;
        if (others.Nearest == int.MaxValue) throw Divergent(needed & ~active);
        others.Add(Place, active, isHeld: true);
        Place = others.Nearest;
        active = others.TakeNearest();
        return false;
    }

    private DeviceFault Divergent(uint missing)
    {
        int lane = BitOperations.TrailingZeroCount(missing), place = others.PlaceOf(lane);
        string opcode = code[Place].Flow == Flow.Barrier ? "bar.sync" : "a .sync instruction";
        string other = place >= 0 ? $"waits at {Describe(place)}" : "has returned";
        return new(FaultCode.LaunchFailed, $"{opcode} in divergent code: {BitOperations.PopCount(active)} threads of the warp wait here, but thread {launch.Block.At(firstThread + lane)} {other}");
    }

    private void Fill(int place, int bits, ulong value)
    {
        switch (bits)
        {
            case 1: predicates[place] = value == 0 ? 0 : uint.MaxValue; break;
            case 16: new Span<ushort>(rows + place, Lanes).Fill((ushort)value); break;
            case 32: new Span<uint>(rows + place, Lanes).Fill((uint)value); break;
            default: new Span<ulong>(rows + place, Lanes).Fill(value); break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(rows);
        NativeMemory.AlignedFree(predicates);
    }
}
