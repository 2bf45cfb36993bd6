#!/bin/sh
# Brings the README's table and docs/results/figure6-*.svg in line with results/, then compares the README's figures with docs/evidence.md.
# What takes longer (speeds, trainings) is repeated by the commands that docs/evidence.md names.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

report() {
    dotnet run --no-build --project Runner -- report "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

# One table of all recipes; a figure for each, because epochs of different recipes are not to be compared.
recipes=
mkdir -p docs/results
for recipe in fast paper; do
    [ -d "results/$recipe" ] || continue
    recipes="$recipes results/$recipe"
    report "results/$recipe" --output "$work/$recipe"
    cp "$work/$recipe/figure6.svg" "docs/results/figure6-$recipe.svg"
done
# shellcheck disable=SC2086 # one word for each recipe
report $recipes --output "$work"
awk -v report="$work/report.md" '
    /^<!-- results -->$/ { print; while ((getline line < report) > 0) if (line ~ /^\|/) { table = 1; print line } else if (table) break; within = 1 }
    /^<!-- end of results -->$/ { within = 0 }
    !within { print }' README.md >"$work/README.md"
cat "$work/README.md" >README.md
git --no-pager diff --stat -- README.md docs/results
dotnet test tests/Runner.Tests --no-build --nologo --filter ClassName~EvidenceTests
