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
status 127 "cannot be opened" "--revoked that is not there" moo run --revoked nowhere bad.json
status 1 '"failures":[{"test":1,"name":"inc ax"' "--json" moo run --json bad.json
status 1 "failed" "--junit" moo run --junit junit.xml good.json bad.json
count=$((count + 1))
if python3 -c 'import sys, xml.dom.minidom as m; d = m.parse("junit.xml")
sys.exit(len(d.getElementsByTagName("testcase")) != 2 or len(d.getElementsByTagName("failure")) != 1)'; then
    echo "ok $count - the JUnit report is XML with two cases and one failure"
else
    echo "not ok $count - the JUnit report is XML with two cases and one failure"
fi
# What cannot be read is an error in each report: whoever looks at one alone must not see a good run.
status 127 "2 files refused" "the sum tells of refused files" moo run --junit junit.xml nowhere.MOO cut.json good.json
status 127 '"refused":2' "so does the JSON" moo run --json nowhere.MOO cut.json good.json
status 127 '"error":"the file cannot be opened"' "for each" moo run --json nowhere.MOO cut.json good.json
status 0 "1 revoked" "all revoked" moo run --junit skipped.xml --revoked revoked --test 1 bad.json
count=$((count + 1))
if python3 -c 'import sys, xml.dom.minidom as m
d = m.parse("junit.xml"); s = d.documentElement
sys.exit([s.getAttribute(a) for a in ("tests", "failures", "errors", "skipped")] != ["3", "0", "2", "0"] or
    len(d.getElementsByTagName("error")) != 2 or len(m.parse("skipped.xml").getElementsByTagName("skipped")) != 1)'; then
    echo "ok $count - the JUnit report has an error for each, and counts them"
else
    echo "not ok $count - the JUnit report has an error for each, and counts them"
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
cp b.MOO.gz e.MOO.gz
status 125 "is the file that is read" "gen onto itself" moo gen e.MOO.gz ./e.MOO.gz
status 125 "is the file that is read" "convert onto itself" moo convert e.MOO.gz e.MOO.gz
same "it is as it was" b.MOO.gz e.MOO.gz
status 125 "no file has the test" "show --test that is not there" moo show --test 7 good.json
status 125 "--test is not for it" "convert --test" moo convert --test 1 good.json f.MOO
status 125 "--shard is not for it" "gen --shard" moo gen --shard 1/2 good.json f.MOO
status 125 "prints no JSON" "show --json" moo show --json good.json
status 125 "must lie in 1..256" "--jobs 257" moo run --jobs 257 good.json
status 125 "two files" "convert wants two files" moo convert a.MOO
status 125 "cannot be written: No such file" "convert to nowhere" moo convert a.MOO nowhere/b.MOO
status 0 "rt386 moo run" "help" moo --help

# Vectors of protected mode: a store beyond the limit of DS at ring 3, twice; the second tells a wrong error code.
protected() { # NAME ERROR-CODE
    cat <<EOF
{"name":"$1","bytes":[198,5,0,1,0,0,90],
 "initial":{"regs":{"cr0":1,"cr3":0,"eax":0,"ebx":0,"ecx":0,"edx":0,"esi":0,"edi":0,"ebp":0,"esp":256,"cs":11,"ds":27,"es":0,
 "fs":0,"gs":0,"ss":19,"eip":0,"eflags":2,"dr6":0,"dr7":0},"descriptors":{
 "cs":{"sel":11,"usable":true,"access":251,"flags":4,"base":131072,"limit":4095},
 "ds":{"sel":27,"usable":true,"access":243,"flags":4,"base":262144,"limit":255},
 "es":{"sel":0,"usable":false,"access":0,"flags":0,"base":0,"limit":0},
 "fs":{"sel":0,"usable":false,"access":0,"flags":0,"base":0,"limit":0},
 "gs":{"sel":0,"usable":false,"access":0,"flags":0,"base":0,"limit":0},
 "ss":{"sel":19,"usable":true,"access":243,"flags":4,"base":196608,"limit":4095}},
 "ram":[[131072,198],[131073,5],[131074,0],[131075,1],[131076,0],[131077,0],[131078,90]]},
 "final":{"regs":{"eflags":65538},"ram":[]},"cycles":[],
 "exception":{"number":13,"flag_address":0},"error":{"code":$2},"stop":1}
EOF
}
{
    echo '[{"file":{"version":[1,1],"set":[1,0],"mode":1,"extension":255,"cpu":"EPYC","mnemonic":"MOV","cpu_type":255,"opcode":198,'
    echo '"seed":7,"ram":[[4096,1]]}},'
    protected fits 0
    echo ,
    protected wrong 8
    echo ']'
} >protected.json
status 1 "1 passed, 0 masked, 0 named, 1 failed" "protected mode" moo run protected.json
status 1 "error code  expected 8  actual 0" "the error code" moo run protected.json
status 1 '"where":"event","field":"error code"' "the same in JSON" moo run --json protected.json
status 0 "exception 13, not delivered, error code 0008" "show" moo show --test 1 protected.json
status 0 "protected mode, set version 1.0, seed 7" "show the file" moo show protected.json
status 0 "ds    001b  base 00040000  limit 000000ff  access f3  flags 4" "show hidden parts" moo show --test 0 protected.json
status 0 "" "protected mode to MOO" moo convert protected.json p.MOO
status 0 "" "and to JSON" moo convert p.MOO p.json
status 0 "" "and back" moo convert p.json q.MOO.gz
status 0 "" "and unpacked" moo convert q.MOO.gz r.json
same "protected mode: JSON and back is the same file" p.json r.json
status 0 "" "gen" moo gen p.MOO again.MOO.gz
status 0 "processor 386, 2 tests" "gen says whose ends they are" moo show again.MOO.gz
status 0 "2 passed, 0 masked, 0 named, 0 failed" "what was made again passes" moo run again.MOO.gz
status 0 "" "gen from real mode" moo gen bad.json good.MOO
status 0 "3 passed, 0 masked, 0 named, 0 failed" "with the right ends" moo run good.MOO
status 125 "two files" "gen wants two files" moo gen p.MOO
status 127 "No such file" "gen from nowhere" moo gen nowhere.MOO x.MOO
status 125 "cannot be written" "gen to nowhere" moo gen p.MOO nowhere/x.MOO

# A terminal sees how far long work is; Ctrl-C ends it, and nothing that was found out is lost.
python3 - <<'EOF'
import json
regs = dict.fromkeys("ax bx cx dx ds es sp bp si di".split(), 0)
regs.update(cs=512, ss=768, ip=256, flags=2)
test = {"name": "jmp $", "bytes": [0xeb, 0xfe], "initial": {"regs": regs, "ram": [[8448, 0xeb], [8449, 0xfe]], "queue": []},
        "final": {"regs": {}, "ram": [], "queue": []}, "cycles": []}
json.dump([test] * 20000, open("slow.json", "w"))
EOF
timeout 100 python3 - "$rt" >interrupted <<'EOF'
import json, os, pty, signal, subprocess, sys
master, slave = pty.openpty()
p = subprocess.Popen([sys.argv[1], "moo", "run", "--json", "--junit", "int.xml", "--failures", "0", "slow.json", "slow.json"],
                     stdout=subprocess.PIPE, stderr=slave, env=dict(os.environ, TERM="xterm"))
os.close(slave)
seen = b""
def more():
    global seen
    try:
        seen += os.read(master, 4096)
        return True
    except OSError: # the other end is closed
        return False
while b"tests/s" not in seen and more():
    pass
p.send_signal(signal.SIGINT)
out = p.communicate()[0].decode().splitlines()
lines = [json.loads(line) for line in out]
total = lines[-1]["total"]
while more():
    pass
print("status", p.returncode)
print("line", b"slow.json  [" in seen and b"of 20,000" in seen)
print("sentence", b"interrupted in file 1 of 2" in seen)
print("total", len(lines) == 2 and 0 < total["tests"] < 20000 and total["failed"] == total["tests"])
print("junit", "</testsuite>" in open("int.xml").read())
EOF
for want in "status 130" "line True" "sentence True" "total True" "junit True"; do
    count=$((count + 1))
    if grep -qx "$want" interrupted; then
        echo "ok $count - Ctrl-C on a terminal: $want"
    else
        echo "not ok $count - Ctrl-C on a terminal: $want"
        sed 's/^/# /' interrupted
    fi
done
echo "1..$count"
