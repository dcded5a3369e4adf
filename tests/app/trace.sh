#!/bin/sh
# trace.sh RT386 GUEST OTHER: runs are recorded, and traces are read, by the command. TAP on stdout.
set -u
rt=$1 guest=$2 other=$3
case $rt in /*) ;; *) rt=$PWD/$rt ;; esac
case $guest in /*) ;; *) guest=$PWD/$guest ;; esac
case $other in /*) ;; *) other=$PWD/$other ;; esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
count=0

verdict() { # GOOD NAME [DETAIL]
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        [ $# -gt 2 ] && echo "# $3"
    fi
}
# status WANT TEXT NAME ARGS...: exit status, and a text in what was printed
status() {
    want=$1 text=$2 name=$3
    shift 3
    "$rt" "$@" >out 2>err </dev/null
    got=$?
    cat out err >both
    if [ $got != "$want" ]; then
        verdict 1 "$name" "status $got, not $want: $(head -c 300 both | tr '\n' ' ')"
    elif [ -n "$text" ] && ! grep -qF -- "$text" both; then
        verdict 1 "$name" "no '$text' in: $(head -c 300 both | tr '\n' ' ')"
    else
        verdict 0 "$name"
    fi
}
same() { cmp -s "$1" "$2"; verdict $? "$3"; }

"$rt" run "$guest" >plain.txt 2>&1
plain=$?
"$rt" run --record a.trace "$guest" >recorded.txt 2>&1
verdict $(($? != plain)) 'a recorded run ends as it would have'
same plain.txt recorded.txt 'and prints the same'
"$rt" run --record b.trace "$guest" >/dev/null 2>&1
same a.trace b.trace 'two recordings are equal, byte for byte'
insns=$("$rt" trace info --json a.trace | sed 's/.*"insns":\([0-9]*\).*/\1/')
lines=$("$rt" trace cat --kinds insn a.trace | grep -c '^[0-9]')
verdict $((lines != insns)) 'cat has a line for each instruction' "$lines lines, $insns instructions"
status 0 'instructions' 'info' trace info a.trace
status 0 'all processes ended' 'info tells how it ended' trace info a.trace
status 0 '"schema":"rt386-trace/1"' 'info as JSON' trace info --json a.trace
status 0 'good' 'check' trace check a.trace
status 0 'bytes/insn' 'stats' trace stats a.trace
status 0 '"instructions":{' 'stats as JSON' trace stats --json a.trace
status 0 'call gate' 'cat has the descriptors that were loaded' trace cat --kinds load a.trace
status 0 'knCreateRtSemaphore(' 'cat has the calls' trace cat --kinds call a.trace
status 0 '' 'cat --from --to' trace cat --from 100 --to 109 --kinds insn a.trace
verdict $(($(grep -c '^[0-9]' out) != 10)) 'these are ten instructions'
status 0 '"kind":"insn"' 'cat as JSON' trace cat --count 1 --kinds insn --json a.trace
status 0 'ss:' 'grep finds' trace grep --count 1 'ss:[0-9a-f]* [0-9a-f]* <-' a.trace
status 1 '' 'grep that finds nothing' trace grep 'no such line' a.trace
status 125 'is no regular expression' 'grep with a bad pattern' trace grep '(' a.trace
status 125 'is no kind of item' 'a bad kind' trace cat --kinds jump a.trace
status 0 'instructions are equal' 'diff of equal traces' trace diff a.trace b.trace
"$rt" run --record c.trace "$other" >/dev/null 2>&1
status 1 'the traces differ at instruction' 'diff of others' trace diff a.trace c.trace
"$rt" run --record d.trace --max-insns 1000 "$guest" >/dev/null 2>&1
status 1 'ends after 1000 equal instructions' 'diff of a shorter one' trace diff a.trace d.trace
"$rt" run --record e.trace --wait-states 1 "$guest" >/dev/null 2>&1
status 1 'clock' 'clocks are compared' trace diff --context 0 a.trace e.trace
"$rt" run --record f.trace --max-insns 1000 --wait-states 1 "$guest" >/dev/null 2>&1
status 0 '1000 instructions are equal' 'unless they are not to be' trace diff --ignore-clocks d.trace f.trace

# --- what no instruction tells: a descriptor that is loaded, and how a run ends ---
flat() { # NAME BASE: lgdt [0x100020]; mov ax, 8; mov es, ax; hlt; the base of descriptor 8
    {
        printf '\17\1\25\40\0\20\0\146\270\10\0\216\300\364'
        head -c 18 /dev/zero
        printf '\17\0\50\0\20\0\0\0\0\0\0\0\0\0\0\0\377\377'"$2"'\0\222\317\0'
    } >"$1.bin"
    "$rt" run --record "$1.trace" --raw-base 0x100000 "$1.bin" >/dev/null 2>&1
}
flat g '\0\0'
flat h '\0\20'
status 0 'instructions are equal' 'diff of equal descriptors' trace diff g.trace g.trace
status 1 'the traces differ at instruction' 'diff of other descriptors' trace diff g.trace h.trace
grep -q 'second trace' out && grep -c '0008' out | grep -q '^[2-9]'
verdict $? 'it shows both loads' "$(head -c 400 out | tr '\n' ' ')"
"$rt" run --record i.trace --max-insns 4 --raw-base 0x100000 g.bin >/dev/null 2>&1
status 1 'but the ends are not' 'diff of a run that was ended at the same place' trace diff g.trace i.trace

# --- options of other actions, and nothing to look at ---
status 0 '856 instructions are equal' 'diff --from' trace diff --from 100 --count 856 a.trace b.trace
status 126 'there is no instruction 1000000' 'diff behind the end' trace diff --from 1M a.trace b.trace
for wrong in 'stats --from 5' 'check --count 5' 'info --all' 'verify --kinds insn' 'state --to 5' 'last --context 3'; do
    status 125 'is not for it' "trace $wrong" trace $wrong a.trace
done
status 125 'are for a log' 'diff --ignore with two traces' trace diff --ignore cf a.trace b.trace
status 125 'prints no JSON' 'verify --json' trace verify --json a.trace
status 125 '--count must lie at 1 or above' 'a count of nothing' trace cat --count 0 a.trace
status 125 '--context must lie in 0..1000' 'too many' trace diff --context 1001 a.trace b.trace
"$rt" run --record inputs.trace --inputs-only "$guest" >/dev/null 2>&1
status 126 'it was recorded with --inputs-only' 'cat without instructions' trace cat inputs.trace
status 126 'it was recorded with --inputs-only' 'diff without instructions' trace diff a.trace inputs.trace
status 126 'it was recorded with --inputs-only' 'convert without instructions' trace convert --to lackey inputs.trace
# what is read is not written over
cp "$guest" me.rta
cp a.trace me.trace
for wrong in '--record me.rta' '--record ./me.rta' '--trace=me.rta' '--status-file me.rta' '--snapshot me.rta'; do
    status 125 "would write over 'me.rta'" "run $wrong me.rta" run $wrong me.rta
done
same me.rta "$guest" 'the guest is as it was'
status 1 "differs from '/dev/null'" 'a device is read and written' run --trace=/dev/null --status-file /dev/null --expect-output /dev/null me.rta
status 125 "would write over 'me.trace'" 'a replay into its trace' run --replay me.trace --record me.trace
same me.trace a.trace 'the trace is as it was'

# a guest that only faults: its handler of #UD is itself refused
{ printf '\061\300\216\330\307\006\030\000\024\174\243\032\000\270\000\040\216\320\061\344\017\013'
  head -c 488 /dev/zero
  printf '\125\252'; } >faults.bin
status 121 '100000 exceptions in a row' 'a limit ends a guest that only faults' run --max-insns 1000 --record faults.trace faults.bin
status 0 'good' 'its recording is good' trace check faults.trace
verdict $(($("$rt" trace cat --kinds event faults.trace | grep -c '#UD') != 100000)) 'and has all of its faults'
status 0 'equal: 7 instructions, 5000' 'each of them is compared' trace verify faults.trace
status 121 'limit' 'a replay ends there, too' run --verify --replay faults.trace
status 0 'mov ss, ax' 'the instructions before are found' trace cat --from 5 --count 3 faults.trace
status 0 '7  clock 3699977' 'so is the last fault' trace last event:6 faults.trace

size=$(wc -c <a.trace)
head -c $((size - 1)) a.trace >cut.trace
status 0 'not whole' 'a trace that was cut is shown' trace info cut.trace
status 1 'at byte' 'and is not good' trace check cut.trace
head -c 20000 a.trace >half.trace
status 0 'it ends' 'what is left of half a trace' trace cat half.trace
printf 'RT386TRC\004\000\000\000\000\000\000\000' >later.trace
status 126 'it is of version 4.0; this build reads 1.x to 3.x' 'another version' trace info later.trace
status 126 'it is no trace' 'no trace' trace info "$guest"
status 127 'No such file' 'no file' trace info nothing.trace
status 125 'no FILE given' 'no name' trace info
status 125 'say what to do' 'no action' trace
status 125 'cannot write the recording' 'a place that cannot be written' run --record nowhere/a.trace "$guest"
if [ -c /dev/full ]; then
    status 125 "cannot record to '/dev/full': No space left" 'a full disk' run --record /dev/full "$guest"
else
    verdict 0 'a full disk # SKIP no /dev/full here'
fi
# full GUEST NAME: a file of 400 KB at most is not enough; the run, which has no end, has one then
full() {
    (trap '' XFSZ && ulimit -f 800 && exec timeout 60 "$rt" run --record full.trace $1 >/dev/null 2>err)
    got=$?
    [ $got = 125 ] && [ "$(grep -c . err)" = 1 ] && grep -q "could not be written to its end: File too large" err
    verdict $? "a disk that fills up ends a run $2" "status $got: $(head -c 300 err | tr '\n' ' ')"
}
full faults.bin 'that only faults'
printf '\151\300\065\116\132\001\100\211\007\353\365' >mix.bin # imul eax,...; inc eax; mov [edi],eax; jmp
full '--raw-base 0x1000 mix.bin' 'that computes'
full '--inputs-only --keyframe-every 100K --raw-base 0x1000 mix.bin' 'that leaves keyframes only'
"$rt" trace info full.trace >out 2>&1
verdict $? 'what was written can be read' "$(head -c 300 out)"
# --- again ---
status 0 'equal: ' 'a trace is verified' trace verify a.trace b.trace
[ "$(grep -c 'equal: [1-9][0-9]* instructions, [1-9][0-9]* items' out)" = 2 ]
verdict $? 'both of them' "$(cat out)"
status 0 'equal: 1000 instructions' 'one that was broken off' trace verify d.trace
status 0 'equal: ' 'from a place on' trace verify --from 500 d.trace
status 127 'No such file' 'none' trace verify nothing.trace
# --- back in time ---
limit=${guest%/*}/limit.rta
"$rt" run --record g.trace "$limit" >/dev/null 2>&1
told() { # TEXT NAME ARGUMENTS of trace
    text=$1 name=$2
    shift 2
    "$rt" trace "$@" >told.txt 2>&1
    status=$?
    [ $status = 0 ] && grep -q "$text" told.txt
    verdict $? "$name" "status $status: $(head -c 300 told.txt | tr '\n' ' ')"
}
told 'vector 13 is delivered' 'the last exception' last event:13 g.trace
told 'es:\[eax\]' 'and its instruction' last event g.trace
told 'CreateRtMemoryHandle begins' 'the next call of a name' next call:CreateRtMemoryHandle g.trace
called=$(awk 'NR == 1 { print $1 }' told.txt)
gdt=$("$rt" trace state --from 1 g.trace | grep -o 'gdtr_base *[0-9a-f]*' | awk '{ print $2 }')
told 'in CreateRtMemoryHandle' 'who wrote the descriptor' last write:0x$(printf %x $((0x$gdt + 0x68))),8 --from $((called + 100)) g.trace
[ "$(awk 'NR == 1 { print $1 }' told.txt)" = "$called" ]
verdict $? 'at the instruction that called' "$(cat told.txt)"
told '"kernel":true' 'as JSON' last write:0x$(printf %x $((0x$gdt + 0x68))),8 --from $((called + 100)) --json g.trace
told "^$called " 'the state there' state --from "$called" g.trace
told '"eip":' 'the state as JSON' state --from "$called" --json g.trace
"$rt" trace last call --count 4 g.trace >told.txt 2>&1
[ "$(grep -c begins told.txt)" = 4 ] && grep clock told.txt | awk '{ if (n && $1 >= n) exit 1; n = $1 }'
verdict $? 'four calls, backwards' "$(cat told.txt)"
status 1 'it has not happened before' 'what never happened' trace last exec:0xdead0000 g.trace
status 125 'say what to look for' 'words that are none' trace last foo g.trace
status 125 'takes an address' 'no address' trace last write:5x g.trace
status 125 'takes a selector' 'one that is too large' trace last selector:0x10010 g.trace
status 1 'it has not happened before' 'nothing is ever mapped there' trace last write:0xdead0000,4 g.trace
status 125 'the trace holds instructions' 'a place behind the end' trace state --from 1G g.trace
echo "1..$count"
