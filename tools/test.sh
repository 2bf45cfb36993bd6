#!/bin/sh
# Runs the tests that match a filter and ends with "N passed, N failed, N skipped", the reasons for skips above it.
set -u
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
log=$results/log
dotnet build CudnnResNet.sln --nologo -v quiet || { echo "0 passed, 1 failed, 0 skipped"; echo "the build failed" >&2; exit 1; }
for project in tests/*.Tests; do
    name=$(basename "$project")
    echo "== $name"
    dotnet test "$project" --no-build --nologo --filter "$1" --logger "console;verbosity=normal" >"$log" 2>&1
    status=$?
    # One line a failure or a skip with its reason, and the project's totals.
    awk '
        /^  Failed /  { print; reason = 1; next }
        /^  Skipped / { skipped = $0; want = 1; next }
        want && /skipped:/ { sub(/^ */, ""); print skipped " - " $0; want = 0; next }
        /^  Passed /  { reason = 0; want = 0; next }
        reason        { print }
    ' "$log"
    awk '/^ *Passed: / { print "passed", $2 } /^ *Failed: / { print "failed", $2 } /^ *Skipped: / { print "skipped", $2 }' "$log" >"$results/$name.totals"
    if [ $status -ne 0 ] && ! grep -q '^failed' "$results/$name.totals"; then
        cat "$log"
        echo "failed 1" >>"$results/$name.totals"
    fi
    awk '{ n[$1] += $2 } END { printf "   %d passed, %d failed, %d skipped\n", n["passed"], n["failed"], n["skipped"] }' "$results/$name.totals"
done
cat "$results"/*.totals | awk '{ n[$1] += $2 } END { printf "%d passed, %d failed, %d skipped\n", n["passed"], n["failed"], n["skipped"]; exit n["failed"] > 0 }'
