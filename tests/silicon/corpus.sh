#!/bin/sh
# corpus.sh RT386 FOLDER: every committed vector of silicon on rt386. TAP on stdout.
set -u
rt=$1 folder=$2 out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
echo "1..3"
"$rt" moo run --jobs 2 "$folder"/*.MOO.gz >"$out" 2>&1 </dev/null
status=$?
total=$(grep 'files, ' "$out")
case $status:$total in
0:*" 0 named, 0 failed") echo "ok 1 - $total" ;;
*) echo "not ok 1 - status $status, $total" && sed 's/^/# /' "$out" ;;
esac
tests=$(printf '%s\n' "$total" | sed 's/.*files, \([0-9]*\) tests.*/\1/')
[ "${tests:-0}" -ge 10000 ] && echo "ok 2 - all of them are here" || echo "not ok 2 - only ${tests:-0} are here"
# Masks are the file's own: nothing else is forgiven.
"$rt" moo run --strict --jobs 2 "$folder"/*.MOO.gz >"$out" 2>&1 </dev/null && echo "ok 3 - the same with --strict" ||
    echo "not ok 3 - not with --strict"
