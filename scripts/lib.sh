# lib.sh: what the scripts share. Sourced, not run.
# shellcheck shell=bash
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Packages of Debian 12: to build the command and its guests, and to test.
build_packages="gcc libc6-dev binutils meson ninja-build pkg-config python3 libelf-dev libdw-dev libncurses-dev libcapstone-dev zlib1g-dev libzstd-dev libxxhash-dev
  gcc-mingw-w64-i686 binutils-mingw-w64-i686
  libsdl2-dev libsdl2-ttf-dev libpng-dev fonts-inter fonts-jetbrains-mono"
test_packages="gcc-multilib libcriterion-dev clang llvm libclang-rt-14-dev clang-format binutils gdb"
# Some tests use these too, and are skipped by name where they are not.
more_test_packages="xvfb xdotool chromium gtkwave valgrind"

say() { printf '%s\n' "$*" >&2; }
die() {
    say "$(basename "$0"): $*"
    exit 125
}

missing_packages() {
    local p
    for p in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$p" 2>/dev/null | cut -c1-2)" = ii ] || printf '%s ' "$p"
    done
}

# Installs what is missing of the named packages; says in one line what is lacking when it cannot.
need_packages() {
    local lacking as_root=""
    command -v dpkg-query >/dev/null || {
        say "note: no dpkg here, so packages are not checked; needed are (Debian names): $*"
        return 0
    }
    lacking=$(missing_packages "$@")
    [ -n "$lacking" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo >/dev/null; then as_root="sudo"; else
            die "these Debian packages are missing and neither root nor sudo is at hand: $lacking"
        fi
    fi
    say "installing: $lacking"
    # shellcheck disable=SC2086
    {
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $lacking >/dev/null 2>&1 ||
            { $as_root apt-get update >/dev/null 2>&1 &&
                $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $lacking >/dev/null; }
    } || die "these Debian packages are missing and could not be installed: $lacking"
}

# Likewise, but what cannot be had is only told.
want_packages() {
    (need_packages "$@") || say "note: the tests that need these packages are skipped"
    return 0
}

# configure DIR ARGS...: sets up a build directory once; a broken one is made anew.
configure() {
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] && [ -f "$dir/meson-private/coredata.dat" ] && return 0
    rm -rf "$dir"
    meson setup "$dir" "$top" "$@" >"$dir.log" 2>&1 || {
        cat "$dir.log" >&2
        die "meson could not configure $dir (its messages are above)"
    }
    rm -f "$dir.log"
}

# compile DIR [TARGET...]: quiet unless it fails.
compile() {
    ninja -C "$@" >"$1/compile.log" 2>&1 || {
        tail -n 60 "$1/compile.log" >&2
        die "the build in $1 failed (the end of its messages is above)"
    }
}
