#!/bin/sh
# replay.sh RT386 GUESTS: what came from outside comes again out of the trace, whatever is outside by then; runs that go
# another way are told of. GUESTS: the folder of the built guests. TAP on stdout.
set -u
rt=$1 guests=$2
case $rt in /*) ;; *) rt=$PWD/$rt ;; esac
case $guests in /*) ;; *) guests=$PWD/$guests ;; esac
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
record() { # ARGUMENTS of run
    "$rt" run --record t.trace "$@" >first.out 2>first.err
    first=$?
}
# again NAME ARGUMENTS: the replay ends and prints as what was recorded, and is compared item by item
again() {
    name=$1
    shift
    "$rt" run --replay t.trace --verify "$@" >second.out 2>second.err
    second=$?
    cmp -s first.out second.out && [ $first = $second ]
    verdict $? "$name" "status $first, then $second: $(head -c 400 second.err | tr '\n' ' ')"
}

mkdir files
record --fs files "$guests/ctests/library.rta"
again 'the C library, with files' --fs files "$guests/ctests/library.rta"
mkdir some && printf 'from outside\n' >some/in.txt
record --fs some --max-insns 3M "$guests/ctests/files.rta"
rm -rf some
again 'files that are gone by now' --max-insns 3M "$guests/ctests/files.rta"
[ -d some ]
verdict $((!$?)) 'and a replay makes none'

mkdir programs
cp "$guests"/conformance/*.rta programs
record --max-insns 3M programs/processes.rta
mv programs kept && mkdir programs && mv kept/processes.rta programs
again 'programs that guests asked for and that are gone' --max-insns 3M programs/processes.rta
record --net=loopback "$guests/conformance/sockets.rta"
again 'sockets' --net=loopback "$guests/conformance/sockets.rta"
record --realtime "$guests/conformance/naps.elf"
again 'idle time that was slept' "$guests/conformance/naps.elf"

# a request to end comes at the instruction where it came
: >first.out # what ran before may have been ready, too
"$rt" run --record t.trace "$guests/conformance/events.rta" -- serve >first.out 2>first.err &
pid=$!
n=0
while ! grep -q ready first.out && [ $n -lt 100 ]; do
    sleep 0.1
    n=$((n + 1))
done
sleep 1
kill -INT $pid
wait $pid
first=$?
grep -q 'told to end' first.out
verdict $? 'a recorded run that was told to end' "$(cat first.out first.err | head -c 200)"
again 'is told again, without a signal' "$guests/conformance/events.rta" -- serve
: >second.out
"$rt" run --replay t.trace --verify "$guests/conformance/events.rta" -- serve >second.out 2>second.err &
pid=$!
n=0
while ! grep -q '^line 9$' second.out && [ $n -lt 100 ]; do
    sleep 0.05
    n=$((n + 1))
done
kill -INT $pid 2>/dev/null
wait $pid
second=$?
[ $second = 130 ] || [ $second = $first ] # the replay may have been over by then
verdict $? 'a signal ends a replay, and is not told its guest' "status $second: $(head -c 300 second.err | tr '\n' ' ')"

for guest in exceptions interrupts threads mailboxes sse2 status; do
    record --max-insns 300K "$guests/conformance/$guest.rta"
    again "$guest" --max-insns 300K "$guests/conformance/$guest.rta"
    record -xm --max-insns 300K "$guests/conformance/$guest.rta"
    again "$guest, XM" -xm --max-insns 300K "$guests/conformance/$guest.rta"
done
for guest in faults gates tasks v86 paging debug interrupts triple; do
    record --max-insns 100K "$guests/ring0/ring0_$guest.elf"
    again "ring 0: $guest" --max-insns 100K "$guests/ring0/ring0_$guest.elf"
done

# --- without the guest: all of it is in the trace ---
# alone NAME OPTIONS: the replay of t.trace ends as what was recorded
alone() {
    name=$1
    shift
    "$rt" run --replay t.trace --verify "$@" >second.out 2>second.err
    second=$?
    [ $first = $second ] && grep -v 'no instructions are in it' second.err | cmp -s first.err - && tail -c "$(wc -c <second.out)" first.out | cmp -s - second.out
    verdict $? "$name" "status $first, then $second: $(head -c 400 second.err | tr '\n' ' ')"
}
cp "$guests/conformance/threads.rta" gone.rta
record --keyframe-every 50K --digest-every 10K gone.rta
rm gone.rta
alone 'a guest that is gone'
cmp -s first.out second.out
verdict $? 'from its first instruction on'
n=$("$rt" trace info t.trace | awk '/keyframes/ { print ($2 + 0 > 2 && $4 > 10) }')
[ "$n" = 1 ]
verdict $? 'trace info counts keyframes and digests' "$("$rt" trace info t.trace)"
for from in 50K 77777 100K 1G; do
    alone "from the keyframe before instruction $from" --from $from
done
# digests while the guest has files and sockets open, which a replay never opens
mkdir some
record --fs some --digest-every 500 --keyframe-every 10K "$guests/conformance/file_objects.rta"
rm -rf some
alone 'digests of a guest with open files'
alone 'and from a keyframe that has them' --from 30K
record --net=loopback --digest-every 500 --keyframe-every 20K "$guests/conformance/sockets.rta"
alone 'digests of a guest with open sockets'
alone 'and from a keyframe of theirs' --from 50K
record --inputs-only --net=loopback --keyframe-every 20K "$guests/conformance/sockets.rta"
for from in 0 30K 60K; do
    alone "sockets, no instructions recorded, from $from" --from $from
done
mkdir some && printf 'from outside\n' >some/in.txt
record --fs some --max-insns 200K --keyframe-every 30K "$guests/ctests/files.rta"
rm -rf some
for from in 0 50K 180K; do
    "$rt" run --replay t.trace --verify --from $from >second.out 2>second.err
    second=$?
    [ $second = $first ]
    verdict $? "files that are gone, from $from" "status $first, then $second: $(head -c 300 second.err | tr '\n' ' ')"
done
record --max-insns 20K --cpu 386 --memory 8M "$guests/ring0/ring0_tasks.elf"
alone 'a run that was broken off ends there'
"$rt" run --replay t.trace --live --max-insns 30K >second.out 2>second.err
second=$?
"$rt" run --max-insns 30K --cpu 386 --memory 8M "$guests/ring0/ring0_tasks.elf" >third.out 2>third.err
third=$?
[ $second = $third ] && cmp -s second.out third.out
verdict $? 'and goes on behind it with --live' "status $second and $third"
"$rt" run --replay t.trace --live --verify --max-insns 30K >second.out 2>second.err
second=$?
[ $second = $third ] && cmp -s second.err third.err
verdict $? 'where nothing is compared any more' "status $second: $(head -c 300 second.err | tr '\n' ' ')"
"$rt" run --replay t.trace --verify --max-insns 30K >second.out 2>second.err
second=$?
[ $second = $third ] && cmp -s second.err third.err
verdict $? 'nor with a limit behind it' "status $second: $(head -c 300 second.err | tr '\n' ' ')"
# a trace may be anybody's: where it says that programs are the host is asked for none
cp kept/*.rta programs
"$rt" run --max-insns 3M programs/processes.rta >first.out 2>/dev/null
"$rt" run --record t.trace --max-insns 500 programs/processes.rta >/dev/null 2>&1
"$rt" run -v --replay t.trace --live --max-insns 3M >second.out 2>second.err
grep -q "child.rta: only the trace says that it is in 'programs/'" second.err
verdict $? 'no program of a folder that the trace names' "$(head -c 300 second.err | tr '\n' ' ')"
"$rt" run --replay t.trace --live --max-insns 3M --rsl-path programs >second.out 2>second.err
cmp -s first.out second.out
verdict $? 'but of one that the user does' "$(head -c 300 second.err | tr '\n' ' ')"
# --- instructions are added later ---
# expanded NAME ARGUMENTS of run: recorded with its inputs only and again out of that, it is the trace that was recorded at once
expanded() {
    name=$1
    shift
    "$rt" run --record t.trace --inputs-only "$@" >first.out 2>&1
    first=$?
    "$rt" run --replay t.trace --record u.trace >second.out 2>&1
    second=$?
    "$rt" trace check u.trace >/dev/null && [ $first = $second ]
    verdict $? "$name: recorded again" "status $first, then $second: $(head -c 300 second.out | tr '\n' ' ')"
    "$rt" run --replay u.trace --verify >second.out 2>&1
    second=$?
    [ $first = $second ]
    verdict $? "$name: and verified" "status $second: $(head -c 300 second.out | tr '\n' ' ')"
}
"$rt" run --record a.trace --max-insns 100K "$guests/conformance/threads.rta" >/dev/null 2>&1
expanded 'threads' --max-insns 100K "$guests/conformance/threads.rta"
cmp -s a.trace u.trace
verdict $? 'it is the trace that would have been made at once, byte for byte'
expanded 'sockets' --net=loopback "$guests/conformance/sockets.rta"
mkdir -p some && printf 'from outside\n' >some/in.txt
expanded 'files' --fs some --max-insns 200K "$guests/ctests/files.rta"
rm -rf some
expanded 'idle time that was slept' --realtime "$guests/conformance/naps.elf"
expanded 'ring 0' --max-insns 50K "$guests/ring0/ring0_tasks.elf"
clash() { # TEXT ARGUMENTS
    text=$1
    shift
    "$rt" run "$@" >second.out 2>second.err
    second=$?
    [ $second = 125 ] && grep -q -- "$text" second.err
    verdict $? "refused: $*" "status $second: $(head -c 300 second.err)"
}
clash 'options of --replay' --verify x.rta
clash 'options of --record' --digest-every 5 x.rta
clash 'exclude each other' --record a --replay t.trace --verify x.rta
clash 'name no FILE' --replay t.trace --from 5 x.rta
clash 'leave out options of the machine' --replay t.trace --memory 8M
"$rt" run --record t.trace --max-insns 1000 "$guests/demo/hello.rta" >/dev/null 2>&1
printf 'not what was there' | dd of=t.trace bs=1 seek=1500 conv=notrunc 2>/dev/null
"$rt" run --replay t.trace >second.out 2>second.err
second=$?
[ $second = 126 ] && [ "$(wc -l <second.err)" = 1 ]
verdict $? 'a damaged keyframe: one sentence' "status $second: $(head -c 300 second.err)"

record "$guests/demo/hello.rta"
size=$(wc -c <t.trace)
cp t.trace u.trace
printf 'not what was there' | dd of=u.trace bs=1 seek=$((size - 2000)) conv=notrunc 2>/dev/null
for command in "run --verify --replay" "trace verify"; do
    "$rt" $command u.trace >second.out 2>&1
    second=$?
    [ $second = 126 ] && grep -q "a chunk's checksum is wrong" second.out && grep -q 'cause: damage of the trace' second.out
    verdict $? "$command: damaged instructions are that, and no divergence" "status $second: $(head -c 300 second.out | tr '\n' ' ')"
done
head -c $((size - 3)) t.trace >u.trace
"$rt" trace verify u.trace >second.out 2>&1
verdict $(($? != 0)) 'a trace whose end is cut off is equal' "$(head -c 300 second.out)"
grep -q 'its end is damaged' second.out
verdict $? 'with a word about it' "$(head -c 300 second.out)"

# --- another way ---
# diverges NAME TEXT ARGUMENTS
diverges() {
    name=$1 text=$2
    shift 2
    "$rt" run --replay t.trace "$@" >second.out 2>second.err
    second=$?
    [ $second = 123 ] && grep -q "$text" second.err
    verdict $? "$name" "status $second: $(head -c 400 second.err | tr '\n' ' ')"
}
record "$guests/demo/hello.rta"
diverges 'another guest: where, and what' 'in the trace:' --verify "$guests/demo/limit.rta"
diverges 'the instructions before it' 'the last [0-9]* that were equal' --verify "$guests/demo/limit.rta"
diverges 'why' 'the guest is another file than the recorded one' --verify "$guests/demo/limit.rta"
diverges 'and without instructions compared: it does not end there' 'the run goes on' "$guests/demo/limit.rta"
record --inputs-only "$guests/demo/limit.rta"
diverges 'it ends before, and otherwise' 'all processes ended, exit code 0' "$guests/demo/hello.rta"
"$rt" run --replay t.trace --verify "$guests/demo/limit.rta" >second.out 2>second.err
second=$?
[ $second = $first ] && grep -q 'no instructions are in it' second.err
verdict $? 'who wants all compared hears that there is not much' "status $second: $(head -c 300 second.err | tr '\n' ' ')"
record --fs files "$guests/ctests/library.rta"
diverges 'other input is asked for' 'the guest is another file' "$guests/ctests/files.rta"
record "$guests/demo/hello.rta"
"$rt" run --replay t.trace --memory 16M "$guests/demo/hello.rta" >second.out 2>second.err
second=$?
[ $second = 125 ] && grep -q 'recorded with memory=33554432' second.err
verdict $? 'other options' "status $second: $(head -c 300 second.err)"
"$rt" run --replay nothing.trace "$guests/demo/hello.rta" >second.out 2>second.err
second=$?
[ $second = 127 ]
verdict $? 'a trace that is not there' "status $second"
echo "1..$count"
