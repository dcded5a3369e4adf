#!/bin/sh
# files.sh RT386 GUEST: the guest's files in a folder of its own: read and written, read-only, and none. TAP on standard
# output: the guest's own lines, numbered anew, and what is in the folder afterwards.
rt386=$1 guest=$2
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
count=0

line() { # STATUS NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}

run() { # NAME ARGUMENT...
    name=$1
    shift
    "$rt386" run --quiet "$@" >"$folder/out" 2>&1
    status=$?
    lines=$(grep -c '^ok' "$folder/out")
    grep '^not ok' -A1 "$folder/out" | sed 's/^/# /'
    line $status "$name: $lines lines"
}

mkdir "$folder/in"
printf 'first\nsecond\n' >"$folder/in/input.txt"
echo secret >"$folder/x"
run "a folder to write in" --fs "$folder/in" "$guest"
[ "$(cat "$folder/x")" = secret ]
line $? "the file outside is as it was"
[ "$(cat "$folder/in/at_exit.txt")" = "written by exit" ]
line $? "exit wrote what was in a buffer"
[ "$(ls -A "$folder/in" | tr '\n' ' ')" = "at_exit.txt data.bin input.txt moved.txt " ]
line $? "nothing else is in the folder"
[ "$(od -An -c "$folder/in/moved.txt" | tr -d ' \n')" = '2lines\r\nend\r\n' ]
line $? "text has CR LF at the end of its lines"
before=$(ls -lA "$folder/in")
run "a read-only folder" --fs-ro "$folder/in" "$guest" -- ro
[ "$(ls -lA "$folder/in")" = "$before" ]
line $? "the read-only folder is as it was"
run "no folder" "$guest" -- none
"$rt386" run --fs "$folder/none" "$guest" >"$folder/out" 2>&1
[ $? = 127 ] && grep -q 'cannot be shared' "$folder/out"
line $? "a folder that is not there"
"$rt386" run --fs "$folder" --fs-ro "$folder" "$guest" >"$folder/out" 2>&1
[ $? = 125 ] && grep -q 'exclude each other' "$folder/out"
line $? "two folders"
echo "1..$count"
