#!/bin/sh
# gpu-check.sh bundle: publishes tests/GpuCheck as one program that needs neither .NET nor a network.
# gpu-check.sh run [ARGS]: bundles it where it is missing or older than its sources, and runs it; the report goes to docs/gpu-runs.
set -eu
cd "$(dirname "$0")/.."
folder=artifacts/gpu-check
program=$folder/CudnnResNet.GpuCheck
most_bytes=40000000

bundle() {
    dotnet publish tests/GpuCheck -p:GpuBundle=true -o "$folder.new" --nologo -v quiet
    bytes=$(wc -c <"$folder.new/CudnnResNet.GpuCheck")
    if [ "$bytes" -gt $most_bytes ]; then
        echo "error: the bundle has $bytes bytes, more than $most_bytes" >&2
        exit 1
    fi
    mkdir -p "$folder"
    mv -f "$folder.new/CudnnResNet.GpuCheck" "$program"
    rm -rf "$folder.new"
    echo "$program: $bytes bytes"
}

is_current() {
    [ -x "$program" ] && [ -z "$(find src kernels tests/GpuCheck tests/Model.Tests -type f -newer "$program" | head -n 1)" ]
}

# Where pip has put cuDNN and cuBLAS; also for the libraries that those open by themselves.
use_python_packages() {
    command -v python3 >/dev/null || return 0
    for site in $(python3 -c 'import site, sysconfig; print(sysconfig.get_paths()["purelib"], site.getusersitepackages(), *site.getsitepackages())'); do
        [ -d "$site/nvidia/cudnn/lib" ] || continue
        export CUDNNRESNET_CUDNN_PATH="$site"
        for lib in "$site"/nvidia/*/lib; do LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$lib"; done
        export LD_LIBRARY_PATH
        return 0
    done
}

case ${1:-} in
bundle)
    bundle
    ;;
run)
    shift
    if ! command -v dotnet >/dev/null; then
        [ -x "$program" ] || { echo "error: there is no $program and no .NET to build it with: run 'make gpu-bundle' on another machine and copy $folder here" >&2; exit 1; }
    elif ! is_current; then
        bundle
    fi
    [ -n "${CUDNNRESNET_CUDNN_PATH:-}${CUDNNRESNET_CUDA_PATH:-}" ] || use_python_packages
    exec "$program" "$@"
    ;;
*)
    echo "usage: tools/gpu-check.sh bundle | run [--device cuda|cuda:N|cpu] [--output DIR] [--minutes N] [--only STAGE,STAGE]" >&2
    exit 2
    ;;
esac
