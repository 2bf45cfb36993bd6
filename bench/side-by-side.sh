#!/bin/sh
# Our training step against a peer's, interleaved on this machine: sh bench/side-by-side.sh 'PEER COMMAND' [ROUNDS] [OUR BENCH OPTIONS...]
# The peer's output must hold "images_per_second=NUMBER". Prints each round, both medians and their ratio.
set -eu
[ $# -ge 1 ] || { sed -n '2,3p' "$0"; exit 2; }
peer=$1
rounds=${2:-5}
[ $# -ge 2 ] && shift 2 || shift 1
cd "$(dirname "$0")/.."
dotnet build src/CudnnResNet.Runner --nologo -v quiet
ours() { dotnet artifacts/bin/CudnnResNet.Runner/release/CudnnResNet.Runner.dll bench --json "$@" | sed -n 's/.*"images_per_second": *\([0-9.]*\).*/\1/p' | tail -n 1; }
theirs() { sh -c "$peer" | sed -n 's/.*images_per_second=\([0-9.]*\).*/\1/p' | tail -n 1; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
results=$(mktemp)
trap 'rm -f "$results"' EXIT
round=1
while [ "$round" -le "$rounds" ]; do
    a=$(ours "$@")
    b=$(theirs)
    echo "round $round: ours $a img/s, peer $b img/s"
    echo "$a $b" >>"$results"
    round=$((round + 1))
done
a=$(cut -d' ' -f1 "$results" | median)
b=$(cut -d' ' -f2 "$results" | median)
awk -v a="$a" -v b="$b" -v n="$rounds" 'BEGIN { printf "median of %d rounds: ours %.0f img/s, peer %.0f img/s, ratio %.2f\n", n, a, b, a / b }'
