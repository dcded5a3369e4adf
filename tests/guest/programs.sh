#!/bin/sh
# programs.sh RT386 FOLDER [-xm]: the guest programs as users run them: how they end and what they say. TAP on
# standard output. FOLDER holds demo/, conformance/, rsl/ and bare/ of the built guests.
case $1 in /*) rt386=$1 ;; *) rt386=$PWD/$1 ;; esac
guests=$2
model=${3-}
count=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# verdict STATUS NAME [LINE]: a line of the TAP; when it is bad, also LINE and what the program said.
verdict() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        [ -z "${3-}" ] || echo "# $3"
        sed 's/^/# /' "$out"
    fi
}

# check NAME STATUS PATTERN ARGUMENT... : ends with STATUS; some line matches PATTERN, unless that is empty.
check() {
    name=$1 want=$2 pattern=$3
    shift 3
    timeout 60 "$rt386" run $model "$@" >"$out" 2>&1
    got=$?
    said=0
    [ -z "$pattern" ] || grep -q -e "$pattern" "$out" || said=1
    grep -q -e "must never be seen" -e "^not ok" "$out" && said=1
    [ "$got" = "$want" ] && [ "$said" = 0 ]
    verdict $? "$name" "status $got, expected $want; wanted a line with: $pattern"
}

# signals NAME STATUS PATTERN "SIGNAL..." ARGUMENT... : the signals, one after the other, once a line says "ready".
signals() {
    name=$1 want=$2 pattern=$3 list=$4
    shift 4
    : >"$out" # else the loop below may see what the last one wrote
    "$rt386" run $model "$@" >"$out" 2>&1 &
    pid=$!
    tries=0
    until grep -q '^ready$' "$out" || [ $tries = 1200 ]; do # a signal before that would be ignored
        tries=$((tries + 1))
        sleep 0.05
    done
    for signal in $list; do
        kill -"$signal" $pid
        sleep 0.3
    done
    wait $pid
    got=$?
    [ "$got" = "$want" ] && grep -q -e "$pattern" "$out"
    verdict $? "$name" "status $got, expected $want; wanted a line with: $pattern"
}

# shows NAME PATTERN COMMAND... : what rt386 COMMAND prints has such a line.
shows() {
    name=$1 pattern=$2
    shift 2
    timeout 60 "$rt386" "$@" >"$out" 2>/dev/null
    grep -q -e "$pattern" "$out"
    verdict $? "$name" "wanted a line with: $pattern"
}

cd "$guests" || exit 1
shows "vq: a handler of IRQ 5" '^ 0058  98   e5 .*(enabled, ISA)$' vq --irq 5@20ms,every=2ms --max-insns 600000 conformance/interrupts.rta
shows "objects: the same" 'interrupt level 0058, vector E5' objects --irq 5@20ms,every=2ms --max-insns 600000 conformance/interrupts.rta
shows "vk: the running thread" '^Ready_threads:    [0-9a-f]*$' vk --max-insns 600000 conformance/interrupts.rta
shows "pdp: the kernel's place" '^PHYSICAL ADDRESS 00000000$' pdp 0010:F0000000 --max-insns 6000 conformance/interrupts.rta
shows "trace: an instruction of a library" ' rsl_one.rsl+0x[0-9a-f]*$' run --trace=/dev/stdout rsl/linked.rta
shows "explain: a call from a library's code" 'at [0-9a-f]*:[0-9a-f]*, clib.rsl+0x' run --explain=all demo/hello.rta
shows "trace: two XM programs at one place" ' waits+0x' run -xm --trace=/dev/stdout conformance/naps.elf conformance/crashes.elf -- threads
check "-tlim: no second thread" 0 '^not made, status 0004$' -tlim 1 conformance/naps.rta -- thread
check "-tlim: a second one" 0 '^made$' -tlim 2 conformance/naps.rta -- thread
check "--kernel-tick: 5 ms" 0 '^10 ms took [23] ticks, SYSINFO has 2$' --kernel-tick 5000 conformance/naps.rta -- tick
check "--kernel-tick: 100 us" 0 '^10 ms took 10[01] ticks, SYSINFO has 100$' --kernel-tick 100 conformance/naps.rta -- tick
check "--kernel-tick: its default" 0 '^10 ms took 2[01] ticks, SYSINFO has 20$' conformance/naps.rta -- tick
shows "vt: a thread that waits" '^  0060  thread .* priority 150, state 03 waits at an exchange, depth 0, at 0058$' vt 0060 --on-fault=suspend conformance/crashes.elf -- threads
shows "vt: a semaphore in use" '^  0058  semaphore  NEVER .*0 of 1 units, FIFO, 1 wait$' vt 0058 --on-fault=suspend conformance/crashes.elf -- threads
shows "vt: a thread whose fault suspended it" '^  0050  thread .* priority 129, state 20 suspended after a fault, depth 1$' vt 0050 --on-fault=suspend conformance/crashes.elf -- threads
check "high.rta: an image at another base" 0 'hello from high.rta' demo/high.rta
check "low.rta: its place is taken" 126 'low.rta: its image (0x70000 to 0x[0-9a-f]*) lies where RtRsl.rsl is (0x72000' demo/low.rta
check "sse2.rta on an 80386: #UD" 132 'unhandled #UD' --cpu 386 conformance/sse2.rta

for kind in rta elf; do
    check "hello.$kind: text and arguments" 0 '^argument 2: "b c"$' demo/hello.$kind -- a "b c"
    check "large.$kind: the defaults grow with the image" 0 '^4608 pages$' demo/large.$kind
    check "large.$kind: not those that are asked for" 125 'does not fit into the process (E_MEM' -pmax 8M demo/large.$kind
    check "huge.$kind: so does the machine's memory" 0 '^18432 pages$' demo/huge.$kind
    check "huge.$kind: all of them have room" 0 '^18432 pages$' demo/huge.$kind demo/huge.$kind
    check "huge.$kind: not a memory that is asked for" 125 'does not fit into the process (E_MEM' --memory 32M demo/huge.$kind
    check "startup.$kind: all is as start-up code leaves it" 0 '^exit function ran, 0 failures$' demo/startup.$kind
    check "share.$kind: A sees what B wrote" 0 '^A: B wrote "written by B through ES and through a map"$' \
        demo/share_a.$kind demo/share_b.$kind -- stay
    check "share.$kind: B sees what A wrote, also when B starts first" 0 "^B: 0 of A's other bytes are wrong$" \
        demo/share_b.$kind demo/share_a.$kind -- stay
    check "share.$kind: one byte too far is #GP(0)" 139 'share_b.* unhandled #GP.*error code 0x0000' \
        demo/share_a.$kind demo/share_b.$kind
    check "limit.$kind: ES and FS reach the last dword" 139 'through FS: CAFEF00D; through ES: CAFEF00D$' demo/limit.$kind
    check "limit.$kind: a dword across the limit is #GP(0)" 139 'unhandled #GP.*error code 0x0000' demo/limit.$kind
    if [ -z "$model" ]; then
        check "stale.$kind: a deleted handle works while it is in ES" 139 'works: near pointer sees 87654321$' demo/stale.$kind
        check "stale.$kind: loading it again is #GP(selector)" 139 'unhandled #GP.*error code 0x00[0-9a-f][08]' demo/stale.$kind
    else
        check "stale.$kind: the pages of a deleted handle are shown no longer" 139 'unhandled #PF' demo/stale.$kind
    fi
    check "limit.$kind: suspended by --on-fault" 120 'unhandled #GP.*: the thread is suspended$' \
        --on-fault suspend demo/limit.$kind
    check "limit.$kind: thread deleted by --on-fault" 120 ': the thread is deleted$' --on-fault delete-thread demo/limit.$kind
    check "limit.$kind: process deleted by --on-fault" 13 ': the process is deleted$' \
        --on-fault delete-process demo/limit.$kind
    [ -n "$model" ] || # an XM program's DS reaches what its SS reaches
        check "handler_fault.$kind: the address of a local variable" 139 'handler_faul.*unhandled #GP' \
            --irq 5@10ms conformance/handler_fault.$kind
    check "raise.$kind: a software exception that nobody takes" 134 'unhandled software exception 0xe0001234$' \
        conformance/raise.$kind
    check "missing.$kind: the run stops, and names it" 122 \
        '\(RtRsl.rsl!RtInventedCall\|call 4095 of RtRsl.rsl\) is not there: called from missing.*+0x[0-9a-f]* with 0x1, 0x2, ' conformance/missing.$kind
    check "missing.$kind: the call fails" 7 'called 2 times from missing.*+0x' --on-missing fail conformance/missing.$kind
    check "missing.$kind: a socket, as netlib's stubs ask for it" 122 \
        'socket is not there: called from missing.*+0x[0-9a-f]* with 0x2, 0x1, 0x0, ' conformance/missing.$kind -- socket
    check "missing.$kind: the socket fails" 8 'socket is not there: called 1 time from' --on-missing fail conformance/missing.$kind -- socket
    check "missing.$kind: a socket with a network" 10 '' --net=loopback conformance/missing.$kind -- net
    check "fill.$kind: E_SLOT, and the same number again" 0 '^the same number both times$' demo/fill.$kind
    check "alarms.$kind: the start time of the run" 0 '^it is 1999-12-31 23:59:58$' --start-time 1999-12-31T23:59:58 \
        conformance/alarms.$kind -- when
    check "events.$kind: handlers" 0 '^1\.\.22$' conformance/events.$kind -- handlers
    signals "events.$kind: SIGINT is TERMINATE" 5 '^told to end after' INT conformance/events.$kind -- serve
    said=$(sed -n 's/^told to end after \([0-9]*\) lines$/\1/p' "$out")
    [ "$said" -gt 0 ] && [ "$(grep -c '^line [0-9]*$' "$out")" = "$said" ]
    verdict $? "events.$kind: no output is lost"
    signals "events.$kind: SIGINT while interrupts are off" 5 '^told to end after' INT conformance/events.$kind -- off
    signals "events.$kind: SIGTERM is TERMINATE" 5 '^told to end after' TERM conformance/events.$kind -- serve
    signals "events.$kind: a second signal stops the run" 130 '^ready$' "INT INT" conformance/events.$kind -- stay
    signals "events.$kind: who does not listen is stopped at once" 143 '^ready$' TERM conformance/events.$kind -- deaf
    signals "events.$kind: who does not listen ends when others do" 5 '^told to end after' INT \
        conformance/events.$kind conformance/child.$kind -- serve
    check "exit_process.$kind: code 0, no exit functions" 0 '^leaving by ExitRtProcess$' conformance/exit_process.$kind
done
# ---- libraries of others ----
two=$(mktemp -d) || exit 1
trap 'rm -rf "$out" "$two"' EXIT
mkdir "$two/a" "$two/b"
cp rsl/strict.rta "$two/a/holds.rta"
cp rsl/rsl_one.rsl "$two/a"
cp rsl/strict.rta "$two/b/asks.rta"
check "strict.rta: what another process has mapped is found" 0 '^loose: found$' "$two/a/holds.rta" "$two/b/asks.rta"
check "strict.rta: not with PROC_STRICTRSL" 0 '^strict: status 0006$' "$two/a/holds.rta" "$two/b/asks.rta"
check "strict.rta: nobody has it" 0 '^loose: status 0006$' "$two/b/asks.rta"

# ---- the network ----
check "missing.rta: no netlib.rsl without a network" 5 '' conformance/missing.rta -- load
check "missing.rta: netlib.rsl with one" 6 '' --net=loopback conformance/missing.rta -- load
check "sockets.rta: the run stops without one, and says what is missing" 122 'netlib.rsl!socket is not there' conformance/sockets.rta -- none
check "sockets.rta: its calls fail without one" 9 '' --on-missing fail conformance/sockets.rta -- none
check "sockets.rta: two processes: one asks" 0 '^asked$' --net=loopback conformance/sockets.rta conformance/sockets.rta -- pair
check "sockets: two processes: the other one answers" 0 '^served$' --net=loopback conformance/sockets.elf conformance/sockets.rta -- pair
check "sockets.rta: a wait ends with the run" 124 '^ready$' --timeout 1 --net=loopback conformance/sockets.rta -- wait
# ---- libraries ----
check "linked: libraries hear of the process before main" 0 '^before main: 1+2+$' rsl/linked.rta
check "linked: what a program is linked with stays" 0 '^after freeing: 1+2+, still there$' rsl/linked.rta
check "linked: they hear of the end after the exit functions" 0 '^# last: 1+2+2-1-$' rsl/linked.rta
check "linked: ExitRtProcess tells them too" 0 '^# last: 1+2+2-1-$' rsl/linked.rta -- quick
away=$(mktemp -d) || exit 1
cp rsl/linked.rta "$away"
check "linked: without its libraries it stops at the first call" 122 \
    'rsl_two.rsl!two_sum is not there: called from linked.rta+0x' "$away/linked.rta"
check "linked: --rsl-path" 0 '^# last: 1+2+2-1-$' --rsl-path=rsl "$away/linked.rta"
check "linked: a library that another program has loaded is found by its name" 0 '' rsl/linked.rta "$away/linked.rta"
check "no such folder of libraries" 127 'nowhere: no such folder of libraries' --rsl-path=nowhere "$away/linked.rta"
head -c 700 rsl/rsl_two.rsl >"$away/rsl_two.rsl"
check "linked: a library that is cut off" 126 'rsl_two.rsl: .*the file is cut off' --rsl-path=rsl "$away/linked.rta"
cp rsl/linked.rta "$away/rsl_two.rsl"
check "linked: a program instead of a library" 126 'rsl_two.rsl is no INtime library: link it as a DLL' "$away/linked.rta"
rm -rf "$away"
check "bare_hello: text on port E9" 0 'on port E9$' bare/bare_hello.elf
check "bare_hello: text on COM1" 0 'on COM1$' bare/bare_hello.elf
check "boot sector: text on port E9" 0 'on port E9$' bare/boot.bin
check "boot sector: text on COM1" 0 'on COM1$' bare/boot.bin
check "bare_triple: shutdown" 134 'triple fault' bare/bare_triple.elf
check "bare_halt: ends" 0 '' bare/bare_halt.elf
check "bare_shutdown: port 8900" 0 '' bare/bare_shutdown.elf
check "bare_probes: all as on an 80386" 0 '^69 probes, 0 differ$' bare/bare_probes.elf
echo "1..$count"
