#!/bin/sh
# Says what this machine has, and the one command for what it lacks.
found()   { printf '  \342\234\223 %s\n' "$1"; }
missing() { printf '  \342\234\227 %s\n' "$1"; }

if command -v dotnet >/dev/null 2>&1; then
    version=$(dotnet --version 2>/dev/null) || version=
    case "$version" in
        10.*) found "dotnet $version" ;;
        *)    missing "the .NET 10 SDK (found: ${version:-none that global.json accepts}): https://dotnet.microsoft.com/download/dotnet/10.0" ;;
    esac
else
    missing "the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0"
fi

compiler=
for name in nvcc clang-19; do if command -v $name >/dev/null 2>&1; then compiler="$compiler $name"; fi; done
if [ -n "$compiler" ]; then found "for the CUDA kernels:$compiler"; else missing "neither nvcc nor clang-19: not needed, kernels/ptx is used; to change kernels: apt-get install --no-install-recommends clang-19"; fi

linker=
for name in gcc clang; do if command -v $name >/dev/null 2>&1; then linker="$linker $name"; fi; done
if [ -n "$linker" ]; then found "for the tests' GPU emulator:$linker"; else missing "neither gcc nor clang: tests on the GPU emulator are skipped; to run them: apt-get install --no-install-recommends gcc libc6-dev"; fi

if command -v nvidia-smi >/dev/null 2>&1; then found "an NVIDIA driver (nvidia-smi)"; else missing "no NVIDIA driver: not needed, the cpu device is the default"; fi

data=${CIFAR10_DIR:-data}
if [ -e "$data/test_batch.bin" ] || [ -e "$data/cifar-10-batches-bin/test_batch.bin" ]; then
    found "CIFAR-10 in $data"
else
    missing "CIFAR-10 in $data: make data (a bare run downloads it too, or goes on with synthetic images)"
fi
