#!/bin/sh
# quickstart.sh RT386 QUICKSTART.md GUESTS SHARE_A SHARE_B: what the quick start tells to type does what it says. TAP on stdout.
set -u
rt=$(realpath "$1") page=$(realpath "$2") guests=$(realpath "$3")
a=$(realpath "$4") b=$(realpath "$5")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
mkdir build && ln -s "$rt" build/rt386 && ln -s "$guests" build/guest
count=0

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && word=ok || word='not ok'
    printf '%s %d - %s\n' "$word" $count "$2"
}
typed() { # typed COMMAND: it stands in the page like that, and ends with status 0; what it says is in `said`
    grep -qxF -e "    $1" "$page"
    verdict $? "the page tells: $1"
    sh -c "$1" >said 2>&1 </dev/null
    verdict $? 'and it works'
}
says() { # says WORDS
    grep -qF -e "$1" said
    verdict $? "it says: $1"
}

# The demo's last lines, as scripts/run prints them.
"$rt" run --explain "$a" "$b" >said 2>&1 </dev/null
grep -o 'SEGM_LIMIT_UP  *last byte 0x[0-9a-f]* > limit 0x[0-9a-f]*' "$page" >told
says "$(cat told)"

typed "printf 'catch 13\\nrun\\n' >stop.txt"
shot='build/rt386 lab --script stop.txt --screenshot fault.png build/guest/demo/limit.rta'
if sh -c "$shot" 2>&1 | grep -q -e 'no lab' -e 'no font'; then
    count=$((count + 1))
    echo "ok $count - $shot # SKIP no SDL2 or no fonts"
else
    typed "$shot"
    [ "$(head -c 4 fault.png | tail -c 3)" = PNG ]
    verdict $? 'the picture is one'
fi
typed "printf 'catch 13\\nc\\nwhy\\nsreg\\n' | build/rt386 debug build/guest/demo/limit.rta"
says 'FAIL  SEGM_LIMIT_UP'
says 'ldtr 0x'
typed 'build/rt386 seg explain es 0x0b --gdt ff0f004001924000 --cpl 3 --picture why.html'
grep -q '<svg ' why.html && grep -q 'SEGM_DATA_DPL_CPL' why.html
verdict $? 'a page with a picture'
grep -qF 'build/rt386 lesson export --all -o DIR' "$page" && build/rt386 lesson export --all -o lessons >said 2>&1
verdict $? 'all lessons become pages'
[ "$(ls lessons | grep -c '\.html$')" = 15 ]
verdict $? 'fifteen of them'
echo "1..$count"
