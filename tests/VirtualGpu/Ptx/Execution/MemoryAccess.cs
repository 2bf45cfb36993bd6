using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CudnnResNet.VirtualGpu.Ptx.Execution;

/// <summary>
/// Handlers of loads and stores. All bytes between the lanes' addresses are checked at once where they can be; if that fails, and where a
/// store leaves gaps, lane after lane is, so that the message names the thread.
/// </summary>
internal static unsafe class MemoryAccess
{
    // Beyond this it is cheaper to check the lanes than what lies between them.
    private const int LargestSpan = 16384;

    public static void Load<TMemory, TRegister>(Warp warp, Instruction instruction, uint lanes)
        where TMemory : unmanaged, IBinaryInteger<TMemory> where TRegister : unmanaged, IBinaryInteger<TRegister>
    {
        byte** places = stackalloc byte*[Warp.Lanes];
        Locate(warp, instruction, lanes, sizeof(TMemory) * instruction.Rows.Length, isWrite: false, places);
        for (int i = 0; i < instruction.Rows.Length; i++)
        {
            TRegister* d = warp.Row<TRegister>(instruction.Rows[i]);
            if (lanes == uint.MaxValue)
            {
                for (int lane = 0; lane < Warp.Lanes; lane++) d[lane] = TRegister.CreateTruncating(((TMemory*)places[lane])[i]);
                continue;
            }
            for (uint rest = lanes; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                d[lane] = TRegister.CreateTruncating(((TMemory*)places[lane])[i]);
            }
        }
    }

    public static void Store<TMemory, TRegister>(Warp warp, Instruction instruction, uint lanes)
        where TMemory : unmanaged, IBinaryInteger<TMemory> where TRegister : unmanaged, IBinaryInteger<TRegister>
    {
        byte** places = stackalloc byte*[Warp.Lanes];
        Locate(warp, instruction, lanes, sizeof(TMemory) * instruction.Rows.Length, isWrite: true, places);
        for (int i = 0; i < instruction.Rows.Length; i++)
        {
            TRegister* a = warp.Row<TRegister>(instruction.Rows[i]);
            for (uint rest = lanes; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                ((TMemory*)places[lane])[i] = TMemory.CreateTruncating(a[lane]);
            }
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

    // The place of every lane that takes part.
    private static void Locate(Warp warp, Instruction instruction, uint lanes, int size, bool isWrite, byte** places)
    {
        ulong* addresses = stackalloc ulong[Warp.Lanes];
        Addresses(warp, instruction, addresses);
        ulong first = addresses[BitOperations.TrailingZeroCount(lanes)], least = first, most = first, next = first, misaligned = 0;
        bool hasGaps = false;
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            ulong address = addresses[BitOperations.TrailingZeroCount(rest)];
            hasGaps |= address != next;
            next = address + (ulong)size;
            least = Math.Min(least, address);
            most = Math.Max(most, address);
            misaligned |= address & (ulong)(size - 1);
        }

        byte* start = null;
        if (misaligned == 0 && most - least < LargestSpan && !(isWrite ? hasGaps : warp.Launch.LoadsOneByOne[warp.Place]))
            start = TryPointer(warp, instruction.Space, least, (int)(most - least) + size, isWrite);
        for (uint rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            places[lane] = start != null ? start + (addresses[lane] - least) : LocateOne(warp, instruction, addresses[lane], lane, size, isWrite);
        }
    }

    private static byte* TryPointer(Warp warp, Space space, ulong address, int bytes, bool isWrite)
    {
        try
        {
            return Pointer(warp, space, address, bytes, isWrite);
        }
        catch (DeviceFault)
        {
            // What lies between the lanes' addresses need be neither allocated nor written.
            if (!isWrite) warp.Launch.LoadsOneByOne[warp.Place] = true;
            return null;
        }
    }

    private static byte* LocateOne(Warp warp, Instruction instruction, ulong address, int lane, int size, bool isWrite)
    {
        warp.Lane = lane;
        if ((address & (ulong)(size - 1)) != 0) throw new DeviceFault(FaultCode.MisalignedAddress, $"address 0x{address:x} is not a multiple of the {size} bytes that are {(isWrite ? "written" : "read")} at once");
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
