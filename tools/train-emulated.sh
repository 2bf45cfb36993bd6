#!/bin/sh
# Trains with the unmodified program on the GPU emulator of the tests (tests/VirtualGpu): an emulator, not hardware.
#   tools/train-emulated.sh [options of train, which win over those of train-emulated.json]
set -eu
cd "$(dirname "$0")/.."

dotnet msbuild tests/Kernels.Tests/Kernels.Tests.csproj -t:BuildVirtualGpu -p:Configuration=Release -nologo -v:quiet
gpu="$PWD/artifacts/virtual-gpu"
if [ ! -e "$gpu/libcuda.so.1" ]; then
    echo "the emulator needs Linux x64 with gcc or clang on the PATH" >&2
    exit 1
fi

echo "emulator, not hardware: what is computed counts, how long it takes does not"
export CUDNNRESNET_CUDA_PATH="$gpu" CUDNNRESNET_CUDNN_PATH="$gpu" CUDNNRESNET_TEST_SYNTHETIC="${CUDNNRESNET_TEST_SYNTHETIC:-96,40}"
exec dotnet run --no-build --project Runner -- train --device cuda --config tools/train-emulated.json "$@"
