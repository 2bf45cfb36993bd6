using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>
/// Handlers of loads and stores. Lanes whose addresses follow one another are checked and moved as one run, as hardware coalesces them; a
/// run that fails is tried again lane by lane, so that the message names the thread.
/// </summary>
internal static unsafe class MemoryAccess
{
    public static void Load<TMemory, TRegister>(Warp warp, Instruction instruction, uint lanes)
        where TMemory : unmanaged, IBinaryInteger<TMemory> where TRegister : unmanaged, IBinaryInteger<TRegister>
    {
        ulong* addresses = stackalloc ulong[Warp.Lanes];
        Addresses(warp, instruction, addresses);
        int size = sizeof(TMemory) * instruction.Rows.Length;
        for (uint rest = lanes; rest != 0;)
        {
            uint run = Run(addresses, rest, size, out int bytes);
            byte* start = Locate(warp, instruction, addresses, run, size, bytes, isWrite: false);
            ulong first = addresses[BitOperations.TrailingZeroCount(run)];
            for (uint left = run; left != 0; left &= left - 1)
            {
                int lane = BitOperations.TrailingZeroCount(left);
                byte* place = start != null ? start + (addresses[lane] - first) : LocateOne(warp, instruction, addresses[lane], lane, size, isWrite: false);
                for (int i = 0; i < instruction.Rows.Length; i++) warp.Row<TRegister>(instruction.Rows[i])[lane] = TRegister.CreateTruncating(((TMemory*)place)[i]);
            }
            rest &= ~run;
        }
    }

    public static void Store<TMemory, TRegister>(Warp warp, Instruction instruction, uint lanes)
        where TMemory : unmanaged, IBinaryInteger<TMemory> where TRegister : unmanaged, IBinaryInteger<TRegister>
    {
        ulong* addresses = stackalloc ulong[Warp.Lanes];
        Addresses(warp, instruction, addresses);
        int size = sizeof(TMemory) * instruction.Rows.Length;
        for (uint rest = lanes; rest != 0;)
        {
            uint run = Run(addresses, rest, size, out int bytes);
            byte* start = Locate(warp, instruction, addresses, run, size, bytes, isWrite: true);
            ulong first = addresses[BitOperations.TrailingZeroCount(run)];
            for (uint left = run; left != 0; left &= left - 1)
            {
                int lane = BitOperations.TrailingZeroCount(left);
                byte* place = start != null ? start + (addresses[lane] - first) : LocateOne(warp, instruction, addresses[lane], lane, size, isWrite: true);
                for (int i = 0; i < instruction.Rows.Length; i++) ((TMemory*)place)[i] = TMemory.CreateTruncating(warp.Row<TRegister>(instruction.Rows[i])[lane]);
            }
            rest &= ~run;
        }
    }

    /// <summary>A parameter, the same for all lanes.</summary>
    public static void LoadParameter<TMemory, TRegister>(Warp warp, Instruction instruction, uint lanes)
        where TMemory : unmanaged, IBinaryInteger<TMemory> where TRegister : unmanaged, IBinaryInteger<TRegister>
    {
        byte[] parameters = warp.Launch.Parameters;
        int end = (int)instruction.Offset + sizeof(TMemory) * instruction.Rows.Length;
        if (end > parameters.Length) throw new DeviceFault(FaultCode.LaunchFailed, $"reads the parameters up to byte {end}, but the launch passed {parameters.Length}");
        for (int i = 0; i < instruction.Rows.Length; i++)
        {
            var value = TRegister.CreateTruncating(Unsafe.ReadUnaligned<TMemory>(ref parameters[(int)instruction.Offset + i * sizeof(TMemory)]));
            TRegister* d = warp.Row<TRegister>(instruction.Rows[i]);
            for (uint rest = lanes; rest != 0; rest &= rest - 1) d[BitOperations.TrailingZeroCount(rest)] = value;
        }
    }

    /// <summary>d = memory, memory = operation(memory, b), lane after lane, so that the outcome does not depend on chance.</summary>
    public static void Atomic<T, TOperation>(Warp warp, Instruction instruction, uint lanes) where T : unmanaged where TOperation : ILane2<T, T, T>
    {
        ulong* addresses = stackalloc ulong[Warp.Lanes];
        Addresses(warp, instruction, addresses);
        T* b = warp.Row<T>(instruction.B), d = warp.Row<T>(instruction.D);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            T old = *(T*)LocateOne(warp, instruction, addresses[lane], lane, sizeof(T), isWrite: false), value = b[lane];
            *(T*)LocateOne(warp, instruction, addresses[lane], lane, sizeof(T), isWrite: true) = TOperation.Of(old, value);
            d[lane] = old;
        }
    }

    private static void Addresses(Warp warp, Instruction instruction, ulong* addresses)
    {
        if (instruction.HasShortAddress)
        {
            uint* row = warp.Row<uint>(instruction.A);
            for (int i = 0; i < Warp.Lanes; i++) addresses[i] = row[i] + (ulong)instruction.Offset;
            return;
        }
        ulong* from = warp.Row<ulong>(instruction.A);
        var offset = Vector256.Create((ulong)instruction.Offset);
        for (int i = 0; i < Warp.Lanes; i += Vector256<ulong>.Count) (Vector256.Load(from + i) + offset).Store(addresses + i);
    }

    // The first of the lanes and those after it that have the same address as the lane before them, or the next.
    private static uint Run(ulong* addresses, uint lanes, int size, out int bytes)
    {
        ulong first = addresses[BitOperations.TrailingZeroCount(lanes)], last = first;
        uint run = 0;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong step = addresses[lane] - last;
            if (step != 0 && step != (ulong)size) break;
            last = addresses[lane];
            run |= 1U << lane;
        }
        bytes = (int)(last - first) + size;
        return run;
    }

    // Null where a run of several lanes is refused as a whole.
    private static byte* Locate(Warp warp, Instruction instruction, ulong* addresses, uint run, int size, int bytes, bool isWrite)
    {
        int lane = BitOperations.TrailingZeroCount(run);
        if ((run & (run - 1)) == 0 || addresses[lane] % (ulong)size != 0) return LocateOne(warp, instruction, addresses[lane], lane, size, isWrite);
        try
        {
            return Pointer(warp, instruction.Space, addresses[lane], bytes, isWrite);
        }
        catch (DeviceFault)
        {
            return null;
        }
    }

    private static byte* LocateOne(Warp warp, Instruction instruction, ulong address, int lane, int size, bool isWrite)
    {
        warp.Lane = lane;
        if (address % (ulong)size != 0) throw new DeviceFault(FaultCode.MisalignedAddress, $"address 0x{address:x} is not a multiple of the {size} bytes that are {(isWrite ? "written" : "read")} at once");
        byte* pointer = Pointer(warp, instruction.Space, address, size, isWrite);
        warp.Lane = -1;
        return pointer;
    }

    private static byte* Pointer(Warp warp, Space space, ulong address, int bytes, bool isWrite) => (space, isWrite) switch
    {
        (Space.Shared, false) => warp.Launch.Shared.Read(address, bytes),
        (Space.Shared, true) => warp.Launch.Shared.Write(address, bytes),
        (_, false) => warp.Launch.Memory.Read(address, bytes),
        _ => warp.Launch.Memory.Write(address, bytes),
    };
}
