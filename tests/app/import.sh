#!/bin/sh
# import.sh RT386 WALK OTHER GOLDEN: a trace is compared with logs of other emulators. TAP on stdout.
#
# GOLDEN/walk_*.log are from runs of WALK on QEMU 7.2 and Bochs 2.7 (docs/trace-import.md tells how they are made); the others are
# made here from the trace itself, and then changed.
set -u
rt=$1 guest=$2 other=$3 golden=$4
for name in rt guest other golden; do
    eval "file=\$$name"
    case $file in /*) ;; *) eval "$name=\$PWD/\$file" ;; esac
done
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
# diff WANT TEXT NAME ARGS...: exit status, and a line in what was printed
diff() {
    want=$1 text=$2 name=$3
    shift 3
    "$rt" trace diff "$@" >out 2>err </dev/null
    got=$?
    cat out err >both
    if [ $got != "$want" ]; then
        verdict 1 "$name" "status $got, not $want: $(head -c 300 both | tr '\n' ' ')"
    elif ! grep -qE -- "$text" both; then
        verdict 1 "$name" "no '$text' in: $(head -c 300 both | tr '\n' ' ')"
    else
        verdict 0 "$name"
    fi
}

"$rt" run --record walk.trace "$guest" >/dev/null 2>&1
verdict $? 'the guest runs'

# Logs of the others, as they wrote them.
diff 0 '^78 states are equal, in 276 ' "QEMU's blocks are met inside of the trace" walk.trace "$golden/walk_qemu_blocks.log"
diff 0 '^25 states are equal, in 25 ' "QEMU's registers" walk.trace "$golden/walk_qemu.log"
diff 0 'these differ, and count only when they have agreed once: .*eflags' 'what differs at the beginning is said' \
    walk.trace "$golden/walk_qemu.log"
sed 's/^TR =0038 0010039e 00000067 0000/TR =0038 0010039e 00000068 0000/' "$golden/walk_qemu.log" >changed.log
diff 1 'tr_limit +67 +68$' 'a limit' walk.trace changed.log
diff 0 '^25 states are equal' 'that is not to count' --ignore tr_limit walk.trace changed.log
diff 0 '^297 states are equal, in 287 .* the log goes on' "Bochs' path is the same to the end" walk.trace "$golden/walk_bochs.log"
diff 1 'eflags +10012 +12 rf$' 'Bochs has no RF between iterations' walk.trace "$golden/walk_bochs_regs.log"
diff 0 '^19 states are equal' 'and nothing else is different there' --ignore rf walk.trace "$golden/walk_bochs_regs.log"
diff 1 '^[0-9]+ line [0-9]+ behind rep movsb' '--all shows each' --all walk.trace "$golden/walk_bochs_regs.log"
verdict $(($(grep -c ' rf$' out) != 2)) 'once for each that begins'

# Logs as they could be, made of the trace.
for format in qemu bochs; do
    "$rt" trace convert --to $format walk.trace $format.log
    diff 0 'instructions; then the trace and the log end' "$format of the same trace" walk.trace $format.log
done
head -c 20000 qemu.log >cut.log
diff 0 'line [0-9]*: the log ends in the middle of this line' 'a log that was cut' walk.trace cut.log
sed -n '1,100d;/^Trace/,$p' qemu.log >late.log
diff 0 'instructions; then the trace and the log end' 'a log that begins later' walk.trace late.log
diff 0 'in 187 instructions' '--from begins later' --from 100 walk.trace qemu.log
line=$(grep -n '^Trace' qemu.log | sed -n '151s/:.*//p')
diff 0 'in 137 instructions' '--log-from too' --from 150 --log-from "$line" walk.trace qemu.log
diff 0 '^10 states are equal' '--count stops' --count 10 walk.trace qemu.log
awk '/movsb|cmpsb|scasb/ { if ($3 == last) next; last = $3 } { print }' bochs.log >once.log
diff 0 'instructions; then the trace and the log end' 'a repeated instruction that the log has once' walk.trace once.log
grep -v '^Trace' qemu.log >cpu.log
diff 0 'instructions; then the trace and the log end' 'QEMU with cpu and int' walk.trace cpu.log
grep '^Trace' qemu.log >exec.log
diff 0 'instructions; then the trace and the log end' 'QEMU with exec alone' walk.trace exec.log

# What is changed is found. at N: the line of instruction N in a QEMU log, and its EIP.
at=$("$rt" trace cat --kinds insn walk.trace | sed -n '/shl eax, 5/{n;s/^[0-9]* 0008:\([0-9a-f]*\).*/\1/p;}')
efl=$(sed -n "s/^EIP=$at EFL=\([0-9a-f]*\).*/\1/p" qemu.log)
flags() { # XOR: QEMU's log with other flags behind the shift
    sed "s/^EIP=$at EFL=$efl/EIP=$at EFL=$(printf %08x $((0x$efl ^ $1)))/" qemu.log >flags.log
}
flags 0x10
diff 0 'then the trace and the log end' 'AF behind a shift is undefined' walk.trace flags.log
flags 0x1
diff 1 'eflags .* cf$' 'CF is not' walk.trace flags.log
verdict $(($(grep -c '^[0-9]* 0008:' out) != 33)) 'the last 32 instructions are shown' "$(grep -c '^[0-9]* 0008:' out)"
diff 1 '^the log differs from the trace at instruction [0-9]*, line [0-9]* of the log$' 'with its place' --context 0 walk.trace flags.log
verdict $(($(grep -c '^[0-9]* 0008:' out) != 1)) '--context 0 shows none before'
diff 0 'then the trace and the log end' '--ignore takes flags' --ignore af,cf walk.trace flags.log
sed "/^EIP=$at/{n;n;s/^CS =0008/CS =0010/;}" qemu.log >changed.log
diff 1 '  cs  *8  *10$' 'a selector' walk.trace changed.log
sed 's/v=0b e=0020/v=0b e=0028/' qemu.log >changed.log
diff 1 'log: +vector 11, error code 0028' 'an error code' walk.trace changed.log
sed 's/v=0b e=0020/v=0d e=0020/' qemu.log >changed.log
diff 1 'trace: vector 11, error code 0020' 'a vector' walk.trace changed.log
sed 's/; 6633/; 6733/;s/; 0fbae003/; 0fbae004/' bochs.log >changed.log
diff 1 'bytes .*0fbae004' 'the bytes of an instruction' walk.trace changed.log
sed '/int3/d;/ ; 0fbae003/d' bochs.log >changed.log
diff 1 'the log differs' 'an instruction that is not there' walk.trace changed.log
sed "/^Trace 0: .*\/$at\//,+18d" qemu.log >changed.log
diff 1 "^trace: 0008:$at" 'an instruction that a log of single ones does not have' walk.trace changed.log
sed 's/001002eb\//001002ec\//' "$golden/walk_qemu_blocks.log" >changed.log
diff 1 '^log:   001002ec$' 'a block that begins elsewhere' walk.trace changed.log
n=$(grep -n 'WR\]: LIN' "$golden/walk_bochs_regs.log" | sed -n '2s/:.*//p')
sed "${n}s/: 0x.*/: 0x3F/" "$golden/walk_bochs_regs.log" >changed.log
diff 1 '^log: +linear [0-9a-f]+ <- 3f$' 'what was written' --ignore rf walk.trace changed.log
diff 1 'line [0-9]+: memory$' '--all goes on behind it' --ignore rf --all walk.trace changed.log
verdict $(($(grep -c '^trace: linear' out) != 1)) 'and shows it once' "$(cat out)"
sed "${n}d" "$golden/walk_bochs_regs.log" >changed.log
diff 1 '^log:   nothing is written$' 'what was not written' --ignore rf walk.trace changed.log
n=$(grep -n 'RD\]: LIN' "$golden/walk_bochs_regs.log" | sed -n '2s/:.*//p')
sed "${n}s/: 0x.*/: 0x3F/" "$golden/walk_bochs_regs.log" >changed.log
diff 1 '^log: +linear [0-9a-f]+ -> 3f$' 'what was read' --ignore rf walk.trace changed.log
sed "${n}d" "$golden/walk_bochs_regs.log" >changed.log
diff 1 '^log:   nothing is read$' 'what was not read' --ignore rf walk.trace changed.log
sed "${n}s/(len=1, .*/(len=8, UC): 0x00000000 0x00000000/" "$golden/walk_bochs_regs.log" >changed.log
diff 0 '^19 states are equal' 'an access of eight bytes has no value to compare' --ignore rf walk.trace changed.log
grep -v 'WR\]\|RD\]' "$golden/walk_bochs_regs.log" >changed.log
diff 0 '^19 states are equal' 'without trace-mem memory is not compared' --ignore rf walk.trace changed.log
"$rt" run --record other.trace "$other" >/dev/null 2>&1
"$rt" trace convert --to qemu other.trace other.log
diff 1 'the log differs|never is where the trace is' 'another guest' walk.trace other.log

# The coprocessor, as QEMU's fpu shows it: fninit, fld1, fldpi, faddp. The NOPs show that the log has each instruction.
printf '\220\220\220\220\220\220\220\220\333\343\331\350\331\353\336\301\220\364' >fpu.bin
"$rt" run --raw-base 0x1000 --record fpu.trace fpu.bin >/dev/null 2>&1
"$rt" trace convert --to qemu fpu.trace bare.log
fpu() { # FCW FPR6 FPR7 FSW3 FTW3: what the dumps show from the third state on, FCW, pi, 1 + pi, and behind faddp
    awk -v fcw="$1" -v pi="$2" -v sum="$3" -v fsw="$4" -v ftw="$5" '
        { print }
        /^EAX=/ { n++ }
        BEGIN { n = -8 }
        /^EFER=/ {
            s = n < 3 ? "0000" : n == 3 ? "3800" : n == 4 ? "3000" : fsw
            t = n < 3 ? "00" : n == 3 ? "80" : n == 4 ? "c0" : ftw
            r7 = n < 3 ? "0000000000000000 0000" : n < 5 ? "8000000000000000 3fff" : sum " 4001"
            r6 = n < 4 ? "0000000000000000 0000" : pi " 4000"
            print "FCW=" (n < 3 ? "037f" : fcw) " FSW=" s " [ST=" substr(s, 1, 1) "] FTW=" t " MXCSR=00001f80"
            for (i = 0; i < 6; i += 2) print "FPR" i "=0000000000000000 0000 FPR" i + 1 "=0000000000000000 0000"
            print "FPR6=" r6 " FPR7=" r7
            print "XMM00=0000000000000000 0000000000000000 XMM01=0000000000000000 0000000000000000"
        }' bare.log >fpu.log
}
fpu 037f c90fdaa22168c235 8487ed5110b4611a 3820 80
diff 0 '^14 states are equal' 'the coprocessor' fpu.trace fpu.log
fpu 037f c90fdaa22168c235 8487ed5110b4611b 3820 80
diff 1 '^  fpr7 +4001 8487ed5110b4611a  4001 8487ed5110b4611b$' 'a register of it' fpu.trace fpu.log
diff 0 '^14 states are equal' 'that is not to count' --ignore fpr7 fpu.trace fpu.log
fpu 037f c90fdaa22168c236 8487ed5110b4611a 3820 80
diff 1 'at instruction 11, ' 'where it came up' fpu.trace fpu.log
verdict $(($(grep -c 'fpr6 ' out) != 1)) 'in the state behind fldpi'
fpu 037f c90fdaa22168c235 8487ed5110b4611a 3800 80
diff 1 '^  fsw +3820 +3800$' 'its status' fpu.trace fpu.log
fpu 037f c90fdaa22168c235 8487ed5110b4611a 7d20 80
diff 0 '^14 states are equal' 'but for condition codes' fpu.trace fpu.log
fpu 037f c90fdaa22168c235 8487ed5110b4611a 3820 c0
diff 1 '^  ftw +80 +c0 ' 'which registers are empty' fpu.trace fpu.log
fpu 027f c90fdaa22168c235 8487ed5110b4611a 3820 80
diff 1 '^  fcw +37f +27f$' 'its control word' fpu.trace fpu.log
sed 's/^FCW=037f FSW/FCW=037f FSV/' fpu.log >changed.log
diff 126 "there are no numbers of the coprocessor behind 'FCW='" 'a damaged line of it' fpu.trace changed.log

# What is no log.
diff 126 'tells of an instruction in QEMU.s or Bochs. way' 'no log' walk.trace "$guest"
diff 126 "tells of an instruction in Bochs. way" 'a log of the other' --format bochs walk.trace qemu.log
diff 0 'then the trace and the log end' 'a log of the one that is named' --format qemu walk.trace qemu.log
diff 125 'is no format of a log; they are qemu and bochs' 'no such format' --format quemu walk.trace qemu.log
diff 125 'is neither a register' 'no such register' --ignore af,rax walk.trace qemu.log
diff 127 'No such file' 'no file' walk.trace nothing.log
sed '200,$s/^EAX=/EAX=#/' qemu.log >changed.log
diff 126 "line [0-9]+: there is no number behind 'EAX='" 'a damaged line' walk.trace changed.log
head -c 5000000 /dev/zero | tr '\000' A >huge.log
diff 126 'it has no instruction at or behind line 999999' 'a place behind the log' --log-from 999999 walk.trace qemu.log
diff 126 'line 1: it is longer than 4096 bytes' 'a huge line' walk.trace huge.log
: >empty.log
diff 126 'it is no trace, and as a log: none of its 0 lines' 'an empty file' walk.trace empty.log
echo "1..$count"
