#!/bin/sh
# debug.sh RT386 LIMIT.elf GATES.elf DEBUGGED.rta: rt386 debug, its commands from a pipe. TAP on stdout.
set -u
case $1 in
/*) rt=$1 ;;
*) rt=$PWD/$1 ;;
esac
limit=$(realpath "$2") gates=$(realpath "$3") lines=$(realpath "$4")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
count=0

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
session() { # session NAME FILE: commands on stdin; what is said is in `page`
    timeout 60 "$rt" debug "$2" >page 2>&1
    verdict $? "$1: status 0"
}
answer() { # answer COMMAND: what is said to it, the first time
    sed -n "/^> $1\$/,/^> /p" page | sed -e 1d -e '/^> /d'
}
says() { # says COMMAND PATTERN NAME
    answer "$1" | grep -q -e "$2"
    verdict $? "$3"
}
count_of() { # count_of COMMAND PATTERN N NAME
    [ "$(answer "$1" | grep -c -e "$2")" = "$3" ]
    verdict $? "$4"
}

session moves "$limit" <<'EOF'
s
s 100
rs 1
rs 100000
go 500
next
n 3
reverse-step 2
go 1K
live
set edi 0x1234
regs
s 2
rs 2
set edi 1
help
nonsense
EOF
grep -q '^(0) 003b:0040[0-9a-f]* .* rt_entry+0x0$' page
verdict $? 'moves: it begins at the program, not at the kernel'
says 's 100' '^([0-9]*) 00' 'moves: so many on'
says 'rs 1' '^([0-9]*, past) 00' 'moves: one back is the past'
says 'rs 100000' 'no earlier place is known' 'moves: not before the beginning'
says 'rs 100000' '^(0, past) 003b:' 'moves: but at it'
says 'go 500' '^(500) ' 'moves: to a number'
says 'go 1K' '^(1000) ' 'moves: K is a thousand'
says 'regs' 'edi 0x00001234' 'moves: a register is set'
says 'set edi 1' 'the past cannot be changed' 'moves: not in the past'
says 'help' '  why  ' 'moves: help'
says 'nonsense' "'help' lists them" 'moves: a word that is none'

session again "$limit" <<'EOF'
catch 13
c
rs 2
c
n x
EOF
[ "$(grep -c '^1: event:13: #GP' page)" = 2 ]
verdict $? 'again: an exception stops it on the way from the past, too'
says 'n x' 'no number of instructions' 'again: n takes a number'

session stops "$limit" <<'EOF'
catch 13
b call:CreateRtMemoryHandle
b switch
bl
c
vf
c
why
sreg
rc
c
d
bl
watch ds:0x401000,0
watch 0xe0000000
c
d
c
c
EOF
says 'bl' '^2: call:CreateRtMemoryHandle$' 'stops: the list'
says 'c' '^2: call:CreateRtMemoryHandle$' 'stops: at a call'
says 'vf' '^[0-9]* .*slots\|free' 'stops: free slots'
says 'why' 'FAIL  SEGM_LIMIT_UP  *last byte 0x00001002 > limit 0x00001001' 'stops: at a fault, and why'
says 'sreg' '^es  *0x0058  base 0x10033000 limit 0x00001001  dh 0x1040f303 dl 0x30001001  valid' 'stops: a hidden part'
says 'rc' '^2: call:CreateRtMemoryHandle$' 'stops: back to the call'
grep -q '^1: event:13: #GP general protection$' page
verdict $? 'stops: the exception by name'
says 'watch ds:0x401000,0' 'takes an address and a length' 'stops: no length'
says 'watch 0xe0000000' '^[0-9]: write:0xe0000000; nothing is mapped there now$' 'stops: where nothing is mapped'
grep -q '^process limit.elf ended by #GP(0x0000)$' page
verdict $? 'stops: the end'

# The vendor's and Bochs' words; a table that is not there is said to be not there.
session words "$limit" <<'EOF'
d gdt(5)
d gdt (40t)
d idt(0x0d)
d ldt(99)
d gdt(x)
info gdt 0x21
info idt
vb 0x3b:0x401010
lb 0x10401020
pb 0x9000
pb here
vb 0x1ff8:0x10
info b
d 2
d
info break
EOF
says 'd gdt(5)' '^GDT entry 5, selector 0x0028, at linear 0xf0001028: process limit.elf$' 'words: an entry, with its owner'
says 'd gdt(5)' '^  3f 00 00 30 02 82 00 f0  0xf0008202 0x3023*003f$\|^  3f 00 ' 'words: its bytes'
says 'd gdt(5)' 'limit' 'words: its fields'
says 'd gdt (40t)' '^GDT entry 40, selector 0x0140' 'words: a decimal number as the vendor writes it'
says 'd idt(0x0d)' '^IDT entry 13, vector 0x0d' 'words: a vector'
says 'd ldt(99)' '^the LDT has 8 entries$' 'words: no such entry'
says 'd gdt(x)' 'name the number of an entry' 'words: no number'
says 'info gdt 0x21' '^GDT entry 33, selector 0x0108' 'words: as Bochs has it'
says 'info idt' '^IDT at linear' 'words: the whole table'
says 'vb 0x3b:0x401010' '^1: exec:0x10401010, 003b:00401010$' 'words: a virtual breakpoint'
says 'lb 0x10401020' '^2: exec:0x10401020$' 'words: a linear one'
says 'pb 0x9000' '^3: exec:phys:0x9000$' 'words: a physical one'
says 'pb here' 'takes an address' 'words: no address'
says 'vb 0x1ff8:0x10' 'names no segment now' 'words: no segment'
count_of 'info b' '^[123]: exec' 3 'words: the list'
says 'd 2' '^2 no longer' 'words: one is taken off'
says 'info break' 'nothing stops' 'words: and all'

# The three kinds stop at the same instruction.
place=$(echo 'go 8' | "$rt" debug "$limit" 2>&1 | sed -n 's/^(8) \([0-9a-f]*\):\([0-9a-f]*\) \([0-9a-f]*\) .*/\1 \2 \3/p')
selector=${place%% *} linear=${place##* } offset=${place#* }
offset=${offset%% *}
physical=$(printf 'pdp %s:%s\n' "$selector" "$offset" | "$rt" debug "$limit" 2>&1 | sed -n 's/^PHYSICAL ADDRESS //p')
for stop in "vb 0x$selector:0x$offset" "lb 0x$linear" "pb 0x$physical"; do
    printf '%s\nc\ns 200\nrc\n' "$stop" | "$rt" debug "$limit" >page 2>&1
    [ "$(grep -c "^(8[,)].* $linear " page)" = 2 ] && grep -q '^1: exec:' page
    verdict $? "words: ${stop%% *} stops there, on the way on and back"
done

# Memory that the program has not got yet, and, at the end, has no longer.
session early "$limit" <<'EOF'
watch 0x10033000,4
c
d
catch 13
c
c
d
watch 0x10033000,4
rc
EOF
says 'watch 0x10033000,4' 'nothing is mapped there now' 'early: it is not mapped'
says 'c' '^1: write:0x10033000,4$' 'early: a watchpoint stops at the first write'
grep -q '^process limit.elf ended by' page && grep -q '^3: write:0x10033000,4; nothing' page &&
    tail -n 2 page | grep -q '^3: write:0x10033000,4' && tail -n 1 page | grep -q '^([0-9]*, past)'
verdict $? 'early: and back from the end, at the last'

session ring0 "$gates" <<'EOF'
s 2000
info ldt
info tss
ldt
gdt
creg
eflags
page 0x100000
pdp 0008:00001000
x 0x100000,32
x /4xb 0x100000
x phys:0x100000,16
u
u 0x100000
objects
ptime
explain es 0x50
explain ds:0xfffffffe,4 w
explain ds:0x1000
explain this
x nowhere
u nowhere
s x
go
EOF
says 'gdt' '^0008 ' 'ring 0: the GDT'
says 'creg' '^CR0 0x.* PE$' 'ring 0: control registers'
says 'eflags' 'IOPL=0 ' 'ring 0: flags by name'
says 'page 0x100000' 'linear 0x00100000' 'ring 0: a page'
says 'explain es 0x50' 'FAIL  SEGM_TABLE_GDT' 'ring 0: what a load would be refused for'
says 'explain ds:0xfffffffe,4 w' 'FAIL  SEGM_LIMIT_WRAP' 'ring 0: what an access would be refused for'
says 'explain ds:0xfffffffe,4 w' 'it would raise #GP with error code 0x0000' 'ring 0: and with which fault'
says 'explain ds:0x1000' 'granted: linear 0x00001000' 'ring 0: an access that is granted'
says 'explain this' 'a load, as' 'ring 0: no question'
count_of 'x 0x100000,32' '^0010[0-9a-f]*  [0-9a-f][0-9a-f] ' 2 'ring 0: memory'
count_of 'u' '^[0-9a-f]*:[0-9a-f]* ' 16 'ring 0: instructions'
says 'objects' 'no INtime program' 'ring 0: there are no objects'
says 'ptime' '^instruction 2000, clock ' 'ring 0: where it is'
says 'x nowhere' 'name an address' 'ring 0: no address'
says 's x' 'no number of instructions' 'ring 0: no number'

# Lines of source, where the build has libdw.
session 'source' "$lines" <<'EOF'
b debugged.c:30
c
l
b debugged.c:26
b absent.c:1
EOF
if answer 'b debugged.c:30' | grep -q 'no instruction is known'; then
    count=$((count + 1))
    echo "ok $count - source # SKIP built without libdw"
else
    says 'c' '^debugged.c:30.*total = gather(' 'source: the line where it stops'
    says 'l' '^=>   30  .*total = gather(' 'source: the lines around'
    says 'l' '^     27  int main' 'source: and what is before'
    says 'b debugged.c:26' 'line [0-9]* is the next with instructions' 'source: a line without instructions'
    says 'b absent.c:1' 'no instruction is known to come from absent.c:1' 'source: no such file'
fi
session 'no source' "$limit" <<'EOF'
l
EOF
says 'l' 'build the guest with -g' 'no source: it says what to do'

# A script, and what is refused.
printf 's 5\nq\ns 5\n' >script
timeout 60 "$rt" debug --script script "$limit" >page 2>&1
[ $? = 0 ] && grep -q '^> q$' page && [ "$(grep -c '^> ' page)" = 2 ]
verdict $? 'a script ends at q'
timeout 60 "$rt" debug --script nowhere "$limit" >page 2>&1
[ $? = 127 ] && grep -q "cannot read the commands in 'nowhere'" page
verdict $? 'a script that is not there'
timeout 60 "$rt" debug --max-insns 5 "$limit" </dev/null >page 2>&1
[ $? = 125 ] && grep -q 'you say when to stop' page
verdict $? 'options that do not go with it'
timeout 60 "$rt" debug --script script --realtime "$limit" </dev/null >page 2>&1
[ $? = 125 ] && grep -q 'leave out .*--realtime' page
verdict $? 'more of them'
timeout 60 "$rt" debug nowhere.rta </dev/null >page 2>&1
[ $? = 127 ]
verdict $? 'a guest that is not there'
# Ctrl-C ends a long run, not the debugger.
printf '\353\376' >loop
{ printf 'c\n' && sleep 2 && printf 'ptime\nq\n'; } | timeout -s INT 1 "$rt" debug --raw-base 0x100000 loop >page 2>&1
grep -q '^stopped$' page && grep -q '^instruction [1-9][0-9]*, clock' page
verdict $? 'an interrupt ends a long run'
echo "1..$count"
