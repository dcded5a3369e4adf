#!/bin/sh
# library.sh RT386 GUEST: the ways in which a program ends, and what runs then. TAP on standard output.
rt386=$1 guest=$2
count=0
ends() { # HOW STATUS OUTPUT
    count=$((count + 1))
    out=$({ "$rt386" run --quiet "$guest" -- "$1" 2>/dev/null; echo "/$?"; } | tr '\n' '/')
    status=${out%/} && status=${status##*/}
    out=${out%"/$status/"}
    if [ $status = "$2" ] && [ "$out" = "$3" ]; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        echo "# status $status, expected $2; $out instead of $3"
    fi
}
ends exit 11 "no end of linesecond registered/first registered/"
ends return 13 "no end of linesecond registered/first registered/"
ends quick 12 "no end of linequick/"
ends abort 3 "no end of line"
ends raise 3 "no end of line"
echo "1..$count"
