#!/bin/sh
# gdb.sh RT386 DEBUGGED.elf DEBUGGED.rta LIMIT.elf: guests under the host's gdb, as users have them there. TAP on stdout.
set -u
case $1 in
/*) rt=$1 ;;
*) rt=$PWD/$1 ;;
esac
elf=$(realpath "$2") rta=$(realpath "$3") limit=$(realpath "$4")
if ! command -v gdb >/dev/null; then
    echo "1..0 # SKIP there is no gdb"
    exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
count=0

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
has() { # has PATTERN NAME
    grep -q -e "$1" page
    verdict $? "$2"
}
session() { # session NAME FILE STATUS < commands: what gdb says is in `page`, what rt386 says in `said`
    name=$1 file=$2 want=$3
    { echo 'set pagination off' && echo 'set confirm off' && echo "target remote $dir/sock" && cat; } >commands
    rm -f sock
    timeout 120 "$rt" run --gdb unix:"$dir/sock" "$file" >said 2>&1 &
    rt_pid=$!
    tries=0
    while [ ! -S sock ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    timeout 100 gdb -q -nx -batch -x commands "$file" >page 2>&1
    wait $rt_pid
    got=$?
    [ $got = "$want" ]
    verdict $? "$name: status $want"
    [ $got = "$want" ] || sed "s/^/# status $got: /" page said
}

for file in "$elf" "$rta"; do
    n=${file##*.}
    session "$n" "$file" 17 <<'EOF'
break gather
continue
bt
info args
print *to
watch sums.total
continue
continue
print sums
reverse-continue
print sums
reverse-step
bt
info threads
print $cs_attr
info registers cpl cs_base
monitor info sreg
monitor view
delete
detach
EOF
    has '^Breakpoint 1, gather (to=.*, value=.*, n=.*3) at .*debugged.c:2[0-9]' "$n: symbols and source lines"
    has '^#1  0x[0-9a-f]* in main () at .*debugged.c:3[0-9]' "$n: the way here"
    has '^\$1 = {count = 0, total = 0, squares = 0}' "$n: memory by type"
    has '^Old value = 0' "$n: a watchpoint: before"
    has '^New value = 3' "$n: a watchpoint: after"
    has '^\$2 = {count = 2, total = 11, squares = 9}' "$n: the second time"
    has '^\$3 = {count = 2, total = 3, squares = 9}' "$n: back before it"
    has 'INtime ready h=' "$n: threads are named and have states"
    has '^\$4 = \[ TYPE=11 S DPL=3 P DB G USABLE \]' "$n: hidden parts by name"
    has '^cs_base  *0x10000000 ' "$n: CS begins where the process does"
    has 'dh 0x10c0fb00' "$n: monitor"
    has '^view process: ' "$n: the view"
    has 'Inferior 1 (Remote target) detached' "$n: detached"
    grep -q '^3 values, total 17, squares 109$' said
    verdict $? "$n: and on alone to its end"
done

# A far CALL through the kernel's call gate, and out again.
timeout 60 "$rt" run --trace=insns "$elf" >/dev/null
gate=$(sed -n 's/^003b:\([0-9a-f]*\) [0-9a-f]* 9a000000001808 .*/\1/p' insns | head -1)
session gate "$elf" 143 <<EOF
break *0x$gate
continue
info registers cs ss cpl
stepi
info registers cs ss cpl
stepi
reverse-stepi
reverse-stepi
info registers cs ss cpl
kill
EOF
[ "$(grep '^cpl ' page | tr -s ' ' | cut -d' ' -f2 | tr '\n' ' ')" = '0x3 0x0 0x3 ' ]
verdict $? 'gate: ring 3, ring 0, and back to ring 3'
[ "$(grep '^cs ' page | tr -s ' ' | cut -d' ' -f2 | tr '\n' ' ')" = '0x3b 0x8 0x3b ' ]
verdict $? 'gate: CS is that of the gate'

session fault "$limit" 139 <<'EOF'
continue
monitor why
info registers eip
reverse-stepi
stepi
info registers eip
continue
EOF
has '^Program received signal SIGSEGV' 'fault: it stops before the fault'
has 'SEGM_LIMIT_UP .*last byte 0x00001002 > limit 0x00001001' 'fault: why'
has '^Program terminated with signal SIGSEGV' 'fault: and ends by it'
[ "$(grep '^eip ' page | sort -u | wc -l)" = 1 ]
verdict $? 'fault: back and on to the same place'

session catch "$limit" 143 <<'EOF'
monitor catch 13
continue
monitor info gdt
monitor vt 0060
kill
EOF
has '#GP general protection; ' 'catch: the exception by name'
has '^0050 .* 386 TSS' 'catch: the GDT'

timeout 5 "$rt" run --gdb nowhere "$elf" >said 2>&1
[ $? = 125 ] && grep -q "'nowhere' is no place for gdb: say :PORT" said
verdict $? 'a place that is none is refused'
timeout 5 "$rt" run --gdb :0 --max-insns 5 "$elf" >said 2>&1
[ $? = 125 ] && grep -q -e '--gdb records for itself' said
verdict $? 'options that do not go with it'
timeout 5 "$rt" run --gdb :0 "$elf" >said 2>&1
[ $? = 124 ] && grep -q 'waiting for gdb: target remote 127.0.0.1:[1-9]' said
verdict $? 'it says where it waits'
echo "1..$count"
