#!/bin/sh
# One fault after another, at random, for as long as asked; ends with a table of what was lost, hung or leaked.
#   tools/soak.sh SECONDS [options of the soak program]
set -eu
cd "$(dirname "$0")/.."

# Without the emulator (Linux x64, gcc or clang) the table says that its faults were not tried.
dotnet msbuild tests/Soak.Tests/Soak.Tests.csproj -t:BuildVirtualGpu -p:Configuration=Release -nologo -v:quiet
dotnet build tests/Soak --nologo -v quiet
seconds=$1
shift
exec dotnet exec artifacts/bin/Soak/release/CudnnResNet.Soak.dll --seconds "$seconds" "$@"
