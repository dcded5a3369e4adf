#!/bin/sh
# installed.sh BUILD CC...: the installed library as its users meet it: headers, pkg-config file, exported names, a
# program of a few lines. TAP on stdout.
set -u
build=$1
shift
cc=$* # with a compiler cache two words
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
count=0
verdict() { # verdict STATUS NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || { echo "not ok $count - $2"; sed 's/^/# /' "$dir/log" | tail -n 8; }
}
if ! command -v pkg-config >/dev/null; then
    echo "1..0 # SKIP pkg-config is not installed"
    exit 0
fi
DESTDIR=$dir/root meson install -C "$build" --no-rebuild >"$dir/log" 2>&1
verdict $? "installs into an empty root"
pc=$(find "$dir/root" -name rt386.pc)
prefix=$(sed -n 's/^prefix=//p' "$pc" 2>/dev/null)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
flags=$(pkg-config --define-variable=prefix="$dir/root$prefix" --cflags --libs rt386 2>"$dir/log")
verdict $? "pkg-config knows rt386"
cat >"$dir/user.c" <<'C'
#include <rt386/rt386.h>
int main(void)
{
    rt386 *m;
    rt386_exit why;
    rt386_load_options o = {.size = sizeof o, .kind = RT386_IMAGE_RAW};
    if (rt386_create(0, &m) || rt386_load_bytes(m, "\x40\xf4", 2, &o) || rt386_run(m, 0, 0, &why)) return 1;
    rt386_destroy(m);
    return why.kind == RT386_EXIT_HALT && why.insns == 2 ? 0 : 2;
}
C
# shellcheck disable=SC2086
$cc -Wall -Werror -pedantic "$dir/user.c" $flags -o "$dir/user" >"$dir/log" 2>&1
verdict $? "a program compiles against the installed headers"
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'librt386.so')") "$dir/user" >"$dir/log" 2>&1
verdict $? "and runs"
nm -D --defined-only "$(find "$dir/root" -name 'librt386.so.0')" | awk '{print $3}' | grep -v '^rt386_' | head >"$dir/log"
[ ! -s "$dir/log" ]
verdict $? "the library exports rt386_ names only"
[ -n "$(find "$dir/root" -name rt386.1)" ]
verdict $? "the man page is installed"
echo "1..$count"
