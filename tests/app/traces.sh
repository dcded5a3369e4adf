#!/bin/sh
# traces.sh RT386 FOLDER: what other builds have recorded happens here as well: each instruction, each digest of the whole state, and the
# end. The guests come out of the traces. TAP on stdout.
set -u
rt=$1 folder=$2
count=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
for trace in "$folder"/*.trace; do
    name=$(basename "$trace" .trace)
    "$rt" run --replay "$trace" --verify >/dev/null 2>"$out"
    status=$?
    count=$((count + 1))
    case $status in
    123 | 125 | 126 | 127)
        echo "not ok $count - $name"
        echo "# status $status: $(head -c 600 "$out" | tr '\n' ' ')"
        ;;
    *) echo "ok $count - $name" ;;
    esac
    digests=$("$rt" trace info "$trace" | awk '/^  keyframes/ { print $4 }')
    insns=$("$rt" trace info "$trace" | awk '/^  instructions/ { print $4 }')
    count=$((count + 1))
    if [ "${digests:-0}" -ge $(((insns - 1) / 10000)) ]; then
        echo "ok $count - $name: $digests digests in $insns instructions"
    else
        echo "not ok $count - $name: $digests digests in $insns instructions"
    fi
done
[ $count -gt 90 ] || echo "not ok $((count += 1)) - there are traces in $folder"
echo "1..$count"
