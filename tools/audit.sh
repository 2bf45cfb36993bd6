#!/bin/sh
# Are there known vulnerabilities among the packages?    tools/audit.sh
# Asks the machine's package sources (those without a password), and AUDIT_SOURCE, the index of a source that has
# advisories. Ends with 0: none is known, 1: these are, 2: nobody could be asked, of whom `dotnet list package --vulnerable` says that there are
# no vulnerable packages.
set -u
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dotnet nuget list source --format short | sed -n 's/^E *//p' >"$folder/packages"
{ cat "$folder/packages"; [ -z "${AUDIT_SOURCE:-}" ] || echo "$AUDIT_SOURCE"; } | sort -u >"$folder/advisories"
entries() { awk '{ gsub(/&/, "\\&amp;"); printf "<add key=\"%s\" value=\"%s\" />\n", $0, $0 }' "$1"; }
{
    echo "<configuration><packageSources><clear />$(entries "$folder/packages")</packageSources>"
    echo "<auditSources><clear />$(entries "$folder/advisories")</auditSources></configuration>"
} >"$folder/nuget.config"
if ! dotnet restore CudnnResNet.sln --configfile "$folder/nuget.config" --force --nologo -v minimal >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    echo "audit: the packages could not be restored" >&2
    exit 2
fi
packages=$(find . -name packages.lock.json -not -path './artifacts/*' -exec cat {} + | awk '/^      "[^"]*": [{]/ { name = $1 } /"resolved"/ { print name, $2 }' | sort -u | wc -l)
if grep -q 'NU190[1-4]' "$folder/log"; then
    grep -o 'NU190[1-4]: .*' "$folder/log" | sed 's/ \[[^]]*\]$//' | sort -u
    exit 1
fi
# NU1900: a source does not answer; NU1905: it has no advisories.
silent=$(grep -o 'NU190[05]: .*' "$folder/log" | sed 's/ \[[^]]*\]$//' | sort -u | wc -l)
if [ "$silent" -ge "$(wc -l <"$folder/advisories")" ]; then
    echo "audit: no source of advisories at hand: nothing is known about $packages packages (AUDIT_SOURCE=URL names the index of a source that has some)"
    exit 2
fi
echo "audit: no known vulnerability among $packages packages"
