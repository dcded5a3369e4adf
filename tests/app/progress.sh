#!/bin/sh
# progress.sh RT386: who waits on a terminal sees how far it is; Ctrl-C ends long work in good order. TAP on stdout.
set -u
rt=$1
case $rt in /*) ;; *) rt=$PWD/$rt ;; esac
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
# terminal.py OUT UNTIL ARGS...: rt386 with a terminal as standard error, and as standard output as well when OUT is "-"; a signal comes when
# the terminal has shown UNTIL ("": none comes). Prints the status; what was on the terminal goes to the file `seen`.
cat >terminal.py <<'PY'
import os, pty, signal, subprocess, sys
rt, out, until = sys.argv[1:4]
master, slave = pty.openpty()
p = subprocess.Popen([rt] + sys.argv[4:], stdin=subprocess.DEVNULL, stdout=slave if out == "-" else open(out, "wb"), stderr=slave,
                     env=dict(os.environ, TERM="xterm"))
os.close(slave)
seen = b""
sent = not until
while True:
    try:
        seen += os.read(master, 4096)
    except OSError: # the other end is closed
        break
    if not sent and until.encode() in seen:
        p.send_signal(signal.SIGINT)
        sent = True
print(p.wait())
open("seen", "wb").write(seen)
PY
terminal() { # OUT UNTIL ARGS...: into $got
    got=$(timeout 100 python3 terminal.py "$rt" "$@")
}
shows() { # TEXT NAME
    grep -qF -- "$1" seen
    verdict $? "$2" "no '$1' on the terminal: $(tr '\r' '\n' <seen | head -c 300 | tr '\n' '|')"
}
ends() { # STATUS NAME
    [ "$got" = "$1" ]
    verdict $? "$2" "status $got, not $1"
}

# jumps for ever; one that says "x" first, on a line that it does not end; and one that ends it
printf '\353\376' >loop.bin
printf '\260x\346\351\353\376' >open.bin
printf '\260\n\346\351\353\376' >line.bin

terminal out.txt 'instructions/s' run --raw-base 0x1000 --record loop.trace loop.bin
ends 130 'a recording is interrupted'
shows 'loop.bin  ' 'a recording shows how far it is'
shows ' M instructions, ' 'in instructions'
terminal out.txt '' trace check loop.trace
ends 0 'the interrupted recording is whole'
"$rt" trace info loop.trace >info.txt
grep -q 'end *stopped on request' info.txt
verdict $? 'and tells how it ended' "$(cat info.txt)"
insns=$("$rt" trace info --json loop.trace | sed 's/.*"insns":\([0-9]*\).*/\1/')
last=$("$rt" trace cat --from $((insns - 1)) loop.trace | tail -n 1 | cut -d ' ' -f 1)
[ "$last" = $((insns - 1)) ]
verdict $? 'it is read to its last instruction' "$last of $insns"

# the handler of #UD is itself refused: nothing retires any more
{ printf '\061\300\216\330\307\006\030\000\024\174\243\032\000\270\000\040\216\320\061\344\017\013'
  head -c 488 /dev/zero
  printf '\125\252'; } >faults.bin
terminal out.txt '7 instructions, ' run --record faults.trace faults.bin
ends 130 'so is one of a guest that only faults'
terminal out.txt '' trace check faults.trace
ends 0 'that recording is whole'
"$rt" trace cat --kinds event faults.trace | head -n 1000000 | tail -n 1 | grep -q '#UD'
verdict $? 'and has its faults'
terminal out.txt '' run --replay faults.trace
ends 121 'a replay of it ends where it did'
terminal out.txt '' run --record limit.trace --max-insns 10M faults.bin
ends 121 'a limit of instructions ends it'
shows 'the guest only faults' 'and says why'

"$rt" run --raw-base 0x1000 --max-insns 20M --record long.trace loop.bin >plain.out 2>plain.err
status=$?
terminal out.txt '' run --raw-base 0x1000 --max-insns 20M --record again.trace loop.bin
ends $status 'a recording that is watched ends as another'
shows '20.0 M' 'and knows how far it goes'
cmp -s long.trace again.trace
verdict $? 'and is the same, byte for byte'
"$rt" run --raw-base 0x1000 --max-insns 300M --inputs-only --record quick.trace loop.bin >/dev/null 2>&1
terminal out.txt 'instructions/s' run --replay quick.trace
ends 130 'a replay is interrupted'
shows ' of 300.0 M, ' 'it shows how far it is'

terminal - '' run --raw-base 0x1000 --max-insns 20M --record x.trace open.bin
shows 'x' 'a guest writes to the same terminal'
! grep -qF 'instructions/s' seen
verdict $? 'nothing is drawn over a line that it has not ended' "$(tr '\r' '\n' <seen | head -c 300)"
terminal - '' run --raw-base 0x1000 --max-insns 20M --record x.trace line.bin
shows 'instructions/s' 'but below one that it has'
terminal out.txt '' run -q --raw-base 0x1000 --max-insns 20M --record x.trace loop.bin
! grep -qF 'instructions/s' seen
verdict $? 'nothing with -q'

terminal out.txt '' trace check long.trace
ends 0 'trace check'
for action in check stats 'grep never' 'diff again.trace' 'convert --to lackey'; do
    # shellcheck disable=SC2086
    terminal out.txt 'instructions/s' trace $action long.trace
    ends 130 "trace $action is interrupted"
    shows ' of 20.0 M, ' "trace $action shows how far it is"
    shows 'interrupted at instruction ' "trace $action says where"
done
grep -vqx 'I  00001000,2' out.txt
verdict $((!$?)) 'what was converted are whole lines' "$(tail -n 2 out.txt)"
terminal out.txt 'instructions/s' trace stats long.trace
grep -q '^jmp\|^  jmp' out.txt
verdict $? 'stats has what was counted' "$(cat out.txt)"
terminal out.txt 'instructions/s' trace verify long.trace
ends 130 'trace verify is interrupted'
terminal out.txt 'instructions/s' trace last event:13 long.trace
ends 130 'trace last is interrupted'
shows 'interrupted' 'trace last says so'
echo "1..$count"
