#!/bin/sh
# The cuda device's kernels: kernels/*.cu to PTX, the portable assembly that the driver compiles for the GPU at hand.
#   tools/ptx.sh build    into artifacts/ptx with nvcc, else clang-19; else the checked-in kernels/ptx serves, if it is of this source
#   tools/ptx.sh update   refreshes kernels/ptx; clang-19 only, so that the same source gives the same file everywhere
#   tools/ptx.sh check    fails where kernels/ptx is not what clang-19 makes of the source; without clang-19, where its source hash differs
#   tools/ptx.sh verify   what ptxas makes of the PTX: registers, spills
# The build embeds artifacts/ptx where it is there, else kernels/ptx.
set -eu
LC_ALL=C; export LC_ALL
cd "$(dirname "$0")/.."
checked_in=kernels/ptx built=artifacts/ptx
install_hint="apt-get install --no-install-recommends clang-19 (or install the CUDA toolkit, 12 or later)"

say()  { echo "ptx: $*"; }
fail() { echo "ptx: $*" >&2; exit 1; }

sources() { for file in kernels/*.cu; do basename "$file" .cu; done; }

sha256() { if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

# A kernel's source is its own file and, since any may be included, all headers.
source_hash() { cat "kernels/$1.cu" kernels/*.h | sha256; }

clang_command() {
    if command -v clang-19 >/dev/null 2>&1; then echo clang-19
    elif clang --version 2>/dev/null | grep -q 'clang version 19\.'; then echo clang
    fi
}

first_line() { "$@" 2>/dev/null | sed -n 1p; }

# The lines before the PTX: what it was made of, and by what. FILE NAME COMPILER -> stdout
with_header() {
    printf '// source: kernels/%s.cu and kernels/*.h, sha-256 %s\n// compiler: %s\n// isa: PTX %s for %s\n' "$2" "$(source_hash "$2")" "$3" \
        "$(sed -n 's/^\.version *//p' "$1")" "$(sed -n 's/^\.target *\([a-z0-9_]*\).*/\1/p' "$1")"
    cat "$1"
}

header() { sed -n "s|^// $1: ||p" "$2"; }

# NAME OUTPUT
compile_clang() {
    # Without contraction every rounding is one that the source asks for, on every device.
    $clang -x cuda --cuda-device-only -nocudainc -nocudalib -std=c++17 -O3 -ffp-contract=off -Wall -Wextra -Werror \
        --cuda-gpu-arch=sm_70 --cuda-feature=+ptx63 -S "kernels/$1.cu" -o "$2.raw" || return 1
    with_header "$2.raw" "$1" "$(first_line $clang --version)" >"$2"
    rm "$2.raw"
}

# NAME OUTPUT
compile_nvcc() {
    nvcc -ptx -std=c++17 -O3 -fmad=false -arch="$nvcc_arch" "kernels/$1.cu" -o "$2.raw" || return 1
    with_header "$2.raw" "$1" "nvcc, $(nvcc --version | sed -n 's/^.*\(release .*\)/\1/p')" >"$2"
    rm "$2.raw"
}

# The oldest GPU that this nvcc still compiles for, from compute_70 on; nvcc 13 begins at compute_75.
oldest_arch() { nvcc --list-gpu-arch 2>/dev/null | sed -n 's/^compute_//p' | sort -n | awk '$1 >= 70 { print "compute_" $1; exit }'; }

# COMPILER FOLDER: all kernels, or none.
compile_all() {
    rm -rf "$2.new"
    mkdir -p "$2.new"
    for name in $(sources); do
        "compile_$1" "$name" "$2.new/$name.ptx" || { rm -rf "$2.new"; return 1; }
    done
    # A file that stays as it was keeps its time, so that the next build has nothing to do.
    mkdir -p "$2"
    for old in "$2"/*.ptx; do [ -e "$2.new/$(basename "$old")" ] || rm -f "$old"; done
    for new in "$2.new"/*.ptx; do cmp -s "$new" "$2/$(basename "$new")" || mv "$new" "$2/"; done
    rm -rf "$2.new"
}

# Names of the kernels whose checked-in PTX is missing or of another source.
stale() {
    for name in $(sources); do
        case "$(header source "$checked_in/$name.ptx" 2>/dev/null)" in *"$(source_hash "$name")") ;; *) echo "$name" ;; esac
    done
}

build() {
    count=$(sources | wc -l | tr -d ' ')
    nvcc_arch=
    if command -v nvcc >/dev/null 2>&1; then nvcc_arch=$(oldest_arch); fi
    if [ -n "$nvcc_arch" ]; then
        if compile_all nvcc "$built"; then say "$count files built with $(header compiler "$built/join.ptx") for $nvcc_arch into $built"; return; fi
        say "nvcc failed (its message is above); going on without it"
    fi
    clang=$(clang_command)
    if [ -n "$clang" ]; then
        if compile_all clang "$built"; then say "$count files built with $(first_line $clang --version) into $built"; return; fi
        say "clang failed (its message is above); going on without it"
    fi
    rm -rf "$built"
    old=$(stale | tr '\n' ' ')
    if [ -n "$old" ]; then
        changed="kernels/*.cu or *.h changed after $checked_in was made (${old% })"
        # Whoever has the compiler has made a mistake in the source, and needs no package.
        [ -z "$clang" ] || fail "$changed, and clang does not compile them: its message is above"
        fail "$changed, and there is no compiler that built it: $install_hint"
    fi
    say "no nvcc or clang-19 that builds here; the $count checked-in files in $checked_in are of this source ($(header compiler "$checked_in/join.ptx")) and are used"
}

update() {
    clang=$(clang_command)
    [ -n "$clang" ] || fail "the checked-in PTX is made by clang-19, which is not here: apt-get install --no-install-recommends clang-19"
    compile_all clang "$checked_in" || fail "clang failed; $checked_in is as it was"
    say "$checked_in is what $(first_line $clang --version) makes of the source"
}

check() {
    old=$(stale | tr '\n' ' ')
    [ -z "$old" ] || fail "stale: $checked_in is of another source (${old% }); run make ptx-update"
    clang=$(clang_command)
    if [ -z "$clang" ]; then say "clang-19 is not here: only the source hashes of $checked_in were checked, and they are right"; return; fi
    version=$(first_line $clang --version)
    made_by=$(header compiler "$checked_in/join.ptx")
    if [ "$version" != "$made_by" ]; then say "$version is here, $checked_in was made by $made_by: only the source hashes were checked, and they are right"; return; fi
    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    compile_all clang "$temporary/ptx" || fail "clang failed"
    diff -r "$temporary/ptx" "$checked_in" >&2 || fail "stale: $checked_in is not what $version makes of the source; run make ptx-update"
    say "$checked_in is what $version makes of the source"
}

verify() {
    folder=$built
    [ -d "$folder" ] || folder=$checked_in
    command -v ptxas >/dev/null 2>&1 || { say "ptxas is not here (it comes with the CUDA toolkit): registers and spills of $folder are not known"; return; }
    say "$(ptxas --version | sed -n 's/^.*\(release .*\)/ptxas \1/p'), $folder"
    for file in "$folder"/*.ptx; do
        for arch in sm_70 sm_75 sm_80 sm_90 sm_100; do
            # ptxas knows neither the GPUs before its time nor those long after.
            log=$(ptxas -v --gpu-name "$arch" "$file" -o /dev/null 2>&1) || { case "$log" in *"is not defined for option"*|*"nsupported gpu"*) continue ;; *) fail "$file for $arch: $log" ;; esac; }
            echo "$log" | awk -v arch="$arch" '
                /Compiling entry function/ { split($0, part, "\047"); kernel = part[2] }
                /spill stores/ { sub(/^ +/, ""); spills = $0 }
                /Used [0-9]+ registers/ { sub(/^.*Used /, ""); printf "  %-6s %-32s %s; %s\n", arch, kernel, $0, spills }'
        done
    done
}

case "${1:-build}" in
    build | update | check | verify) "${1:-build}" ;;
    *) fail "'$1' is not one of build, update, check, verify" ;;
esac
