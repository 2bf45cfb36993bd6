#!/bin/sh
# The same program compiled ahead of time and just in time (samples/PredictAot): size, speed of inference, and what a start costs.
#   bench/aot.sh publish FOLDER
#   bench/aot.sh measure FOLDER WEIGHTS.safetensors CIFAR-FILE.bin [ROUNDS] [SECONDS]
# Rounds are interleaved: each has one measurement of every kind, so that a busy machine is busy for all of them.
set -eu
command=$1 work=$(realpath -m "$2")
publish() { dotnet publish samples/PredictAot --nologo -v quiet -o "$work/$1" -p:ArtifactsPath="$work/build-$1" "$2"; }
if [ "$command" = publish ]; then
    cd "$(dirname "$0")/.."
    publish jit -p:PublishAot=false
    publish v3 -p:IlcInstructionSet=x86-64-v3
    publish v4 -p:IlcInstructionSet=x86-64-v4
    exit
fi
weights=$(realpath "$3") images=$(realpath "$4") rounds=${5:-5} seconds=${6:-2}
rm -f "$work/figures"

# KIND ARGUMENTS...
run() {
    kind=$1; shift
    case $kind in
        jit) dotnet "$work/jit/PredictAot.dll" "$@" ;;
        jit-avx2) CUDNNRESNET_CPU_ISA=avx2 dotnet "$work/jit/PredictAot.dll" "$@" ;;
        *) "$work/$kind/PredictAot" "$@" ;;
    esac
}
kinds="jit jit-avx2 v3"
# The processor may lack AVX-512.
if run v4 "$weights" "$images" 1 >"$work/first" 2>&1; then kinds="$kinds v4"; fi
for kind in $kinds; do echo "$kind: $(run "$kind" "$weights" "$images" | tr '\n' ';')"; done
for kind in v3 v4; do echo "$kind: $(stat -c %s "$work/$kind/PredictAot") bytes, one file"; done
echo "jit: $(cat "$work"/jit/*.dll | wc -c) bytes of assemblies, and .NET"

for round in $(seq "$rounds"); do
    for kind in $kinds; do
        from=$(date +%s%N)
        run "$kind" "$weights" "$images" 1 >/dev/null
        echo "$kind start $((($(date +%s%N) - from) / 1000000))" >>"$work/figures"
        run "$kind" "$weights" --speed "$seconds" | { read -r batch one; printf '%s batch %s\n%s one %s\n' "$kind" "$batch" "$kind" "$one"; } >>"$work/figures"
    done
done
echo "median (least to most) of $rounds rounds: images/s in batches of 128, images/s one by one, ms from the start to the first answer"
for kind in $kinds; do
    for what in batch one start; do
        grep "^$kind $what " "$work/figures" | sort -n -k 3 | awk -v label="$kind $what" '{ v[NR] = $3 } END { printf "%s %s (%s to %s)\n", label, v[int((NR + 1) / 2)], v[1], v[NR] }'
    done
done
