#!/bin/sh
# Runs the tests that match a filter and ends with "N passed, N failed, N skipped"; failures and the reasons for skips stand above it.
set -u
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet build CudnnResNet.sln --nologo -v quiet || { echo "the build failed" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
for project in tests/*.Tests; do
    name=$(basename "$project")
    echo "== $name"
    dotnet test "$project" --no-build --nologo --filter "$1" --logger "trx;LogFileName=$results/$name.trx" >"$results/log" 2>&1
    status=$?
    if [ ! -f "$results/$name.trx" ]; then
        [ $status -eq 0 ] && continue
        cat "$results/log"
        echo "failed 1" >>"$results/totals"
        continue
    fi
    # A record begins with each result: its name and outcome are attributes, the message is an element within.
    awk -v totals="$results/totals" '
        function attribute(name,   at) { at = index($0, name "=\""); return substr($0, at + length(name) + 2, index(substr($0, at + length(name) + 2), "\"") - 1) }
        function element(name,   from, to) { from = index($0, "<" name ">"); to = index($0, "</" name ">"); return from ? substr($0, from + length(name) + 2, to - from - length(name) - 2) : "" }
        function plain(text) { gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&#xA;|&#xD;/, "\n", text); gsub(/&amp;/, "\\&", text); return text }
        BEGIN { RS = "<UnitTestResult " }
        NR == 1 { next }
        { outcome = attribute("outcome"); test = plain(attribute("testName")); message = plain(element("Message")) }
        outcome == "Passed" { passed++; next }
        outcome == "Failed" { failed++; print "   FAILED " test ": " message "\n" plain(element("StackTrace")); next }
        { skipped++; sub(/^.*skipped: /, "", message); reasons[message]++ }
        END {
            for (reason in reasons) printf "   skipped %d: %s\n", reasons[reason], reason
            printf "   %d passed, %d failed, %d skipped\n", passed, failed, skipped
            print "passed " passed + 0 "\nfailed " failed + 0 "\nskipped " skipped + 0 >> totals
        }' "$results/$name.trx"
    # A crash of the test host leaves results without the test that did it.
    if [ $status -ne 0 ] && ! grep -q '^failed [1-9]' "$results/totals"; then
        cat "$results/log"
        echo "failed 1" >>"$results/totals"
    fi
done
awk '{ n[$1] += $2 } END { printf "%d passed, %d failed, %d skipped\n", n["passed"], n["failed"], n["skipped"]; exit n["failed"] > 0 || n["passed"] == 0 }' "$results/totals"
