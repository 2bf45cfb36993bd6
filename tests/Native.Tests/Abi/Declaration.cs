using System.Reflection;
using System.Runtime.InteropServices;

namespace CudnnResNet.Native.Tests.Abi;

/// <summary>A function as a C# declaration has it: an import, or an export of the emulator.</summary>
/// <param name="EntryPoint">The symbol.</param>
/// <param name="Library">The library of an import; null for an export.</param>
/// <param name="Utf8Strings">Whether strings travel as UTF-8.</param>
internal sealed record Declaration(string EntryPoint, string? Library, bool Utf8Strings, Type Returns, IReadOnlyList<ParameterInfo> Parameters)
{
    /// <summary>The imports of a class.</summary>
    public static IEnumerable<Declaration> ImportsOf(Type type) =>
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let import = method.GetCustomAttribute<LibraryImportAttribute>()
        where import is not null
        select new Declaration(import.EntryPoint ?? method.Name, import.LibraryName, import.StringMarshalling == StringMarshalling.Utf8, method.ReturnType, method.GetParameters());

    /// <summary>The functions that a class exports from a native library.</summary>
    public static IEnumerable<Declaration> ExportsOf(Type type) =>
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let export = method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()
        where export?.EntryPoint is not null
        select new Declaration(export.EntryPoint!, null, false, method.ReturnType, method.GetParameters());
}
