#!/bin/sh
# readme.sh RT386 README GUEST...: the README's demo is what the demo prints today, but for code addresses, which are the
# compiler's. TAP on stdout.
set -u
rt=$1 readme=$2
shift 2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
plain() { sed -E 's/007b:[0-9a-f]{8}(, share_b\.rta\+0x[0-9a-f]+)?/CODE/'; }
"$rt" run --explain "$@" 2>&1 </dev/null | plain >"$dir/now"
sed -n '/^## What the demo shows/,/^## Everyday use/s/^    //p' "$readme" | plain | grep -vxF ... >"$dir/told"
count=0
while IFS= read -r line; do
    count=$((count + 1))
    if grep -qxF -e "$line" "$dir/now"; then
        echo "ok $count - a line of the demo"
    else
        echo "not ok $count - the demo does not print: $line"
    fi
done <"$dir/told"
[ $count -gt 15 ] || echo "Bail out! the README has no demo"
echo "1..$count"
