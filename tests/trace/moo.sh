#!/bin/sh
# moo.sh RT386: rt386 moo as its users meet it. TAP on stdout. The vectors are made here, by hand.
set -u
case $1 in
/*) rt=$1 ;;
*) rt=$PWD/$1 ;; # meson names the command relative to the build directory
esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
count=0

# status WANT TEXT NAME ARGS...: exit status, and a text in what was printed (stdout and stderr).
status() {
    want=$1 text=$2 name=$3
    shift 3
    count=$((count + 1))
    "$rt" "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" = "$want" ] && { cat out err; echo; } | grep -qF -e "$text"; then
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        echo "# status $got, wanted $want and '$text' in:"
        cat out err | sed 's/^/# /'
    fi
}

# same NAME A B: two files are equal.
same() {
    count=$((count + 1))
    if cmp -s "$2" "$3"; then echo "ok $count - $1"; else echo "not ok $count - $1"; fi
}

# vector AX HASH-DIGIT: inc ax, then HLT, at 0200:0100; AX should become $1.
vector() {
    hash=$(printf "%040d" "$2")
    cat <<EOF
{"idx":$2,"name":"inc ax","bytes":[64,244],
 "initial":{"regs":{"ax":4,"bx":0,"cx":0,"dx":0,"cs":512,"ss":768,"ds":0,"es":0,"sp":4096,"bp":0,
 "si":0,"di":0,"ip":256,"flags":2},"ram":[[8448,64],[8449,244]],"queue":[]},
 "final":{"regs":{"ax":$1,"ip":258,"flags":6},"ram":[],"queue":[]},
 "cycles":[[13,8448,0,0,65535,"CODE",13,"Ts"]],"hash":"$hash"}
EOF
}
{ echo '['; vector 5 1; echo ','; vector 5 2; echo ']'; } >good.json
{ echo '['; vector 5 1; echo ','; vector 9 2; echo ','; vector 8 3; echo ']'; } >bad.json
head -c 700 good.json >cut.json
echo 'not this' >talk.txt
printf '# bad ones\n%040d\n%040d\n' 2 3 >revoked

status 0 "2 tests: 2 passed, 0 masked, 0 named, 0 failed" "run passes" moo run good.json
status 1 "1 passed, 0 masked, 0 named, 2 failed" "run fails" moo run bad.json
status 1 "ax         was 0004      expected 0009      actual 0005" "the difference" moo run bad.json
status 1 "test 2:" "--failures" moo run --failures 2 bad.json
status 1 "2 files, 5 tests: 3 passed" "the sum" moo run good.json bad.json
status 0 "1 file, 1 tests: 1 passed" "--test by number" moo run --test 0 bad.json
status 1 "1 file, 1 tests: 0 passed" "--test by hash" moo run --test "$(printf %040d 3)" bad.json
status 125 "no file has the test" "--test that is not there" moo run --test 7 bad.json
status 0 "2 passed" "--undefined" moo run --undefined documented good.json
status 125 "must be chip or documented" "--undefined that is neither" moo run --undefined=some good.json
status 125 "--test wants" "--test that is none" moo run --test x bad.json
status 0 "1 tests: 1 passed" "--shard 1/3" moo run --shard 1/3 bad.json
status 1 "1 tests: 0 passed" "--shard 2/3" moo run --shard 2/3 bad.json
status 125 "--shard wants" "--shard 4/3" moo run --shard 4/3 bad.json
status 1 "1 passed, 0 masked, 0 named, 2 failed" "--jobs" moo run --jobs 2 bad.json
status 0 "2 revoked" "--revoked" moo run --revoked revoked bad.json
status 125 "cannot be read" "--revoked that is not there" moo run --revoked nowhere bad.json
status 1 '"failures":[{"test":1,"name":"inc ax"' "--json" moo run --json bad.json
status 1 "failed" "--junit" moo run --junit junit.xml good.json bad.json
count=$((count + 1))
if python3 -c 'import sys, xml.dom.minidom as m; d = m.parse("junit.xml")
sys.exit(len(d.getElementsByTagName("testcase")) != 2 or len(d.getElementsByTagName("failure")) != 1)'; then
    echo "ok $count - the JUnit report is XML with two cases and one failure"
else
    echo "not ok $count - the JUnit report is XML with two cases and one failure"
fi
status 126 "cut off" "a file that is cut off" moo run cut.json
status 126 "no MOO file" "a file that is none" moo run talk.txt
status 127 "No such file" "a file that is not there" moo run nowhere.MOO
status 127 "2 tests: 2 passed" "the other files are run" moo run nowhere.MOO good.json
status 125 "no FILE given" "no file" moo run
status 125 "say what to do" "no action" moo
status 0 "processor C286, 2 tests" "show" moo show good.json
status 0 "002100: 40 f4" "show --test" moo show --test 1 good.json
status 0 "" "convert to MOO" moo convert good.json a.MOO
status 0 "" "convert to gzip" moo convert a.MOO b.MOO.gz
status 0 "" "convert to JSON" moo convert b.MOO.gz c.json
status 0 "" "convert back" moo convert c.json d.MOO
same "JSON and back is the same file" a.MOO d.MOO
status 0 "2 passed" "the packed file runs" moo run b.MOO.gz
status 125 "two files" "convert wants two files" moo convert a.MOO
status 125 "cannot be written" "convert to nowhere" moo convert a.MOO nowhere/b.MOO
status 0 "rt386 moo run" "help" moo --help
echo "1..$count"
