#!/bin/sh
# cli.sh RT386: the command as its users meet it: statuses, sentences, files, pipes. TAP on stdout.
# The guests are a few bytes of machine code, loaded as flat 32-bit binaries.
set -u
case $1 in
/*) rt=$1 ;;
*) rt=$PWD/$1 ;; # meson names the command relative to the build directory
esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
unset NO_COLOR CLICOLOR_FORCE
count=0

verdict() { # verdict GOOD NAME [DETAIL]
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        [ $# -gt 2 ] && echo "# $3"
    fi
}

# status WANT TEXT NAME ARGS...: exit status, and a text in what was printed (stdout and stderr).
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

holds() { # holds NAME COMMAND...: the command succeeds
    name=$1
    shift
    "$@" >/dev/null 2>&1
    verdict $? "$name"
}

code() { # code FILE OCTAL: a guest from octal escapes
    printf "$2" >"$1"
}
code halt.bin '\372\364'                            # cli; hlt
code exit5.bin '\260\005\346\364'                   # mov al,5; out f4h,al
code spin.bin '\353\376'                            # jmp $
code ud.bin '\017\013'                              # ud2: no IDT, so a triple fault
code hi.bin '\260\110\346\351\260\151\346\351\260\012\346\351\372\364' # "Hi\n" on E9; cli; hlt
code post1.bin '\260\011\346\200\372\364'           # POST 09 on port 80h; halt
code postff.bin '\260\377\346\200\372\364'          # POST FF
: >empty
printf 'this is no program' >text
printf 'Hi\n' >hi.txt
mkdir folder
printf 'Ho\n' >ho.txt
raw='--raw-base 0x100000'

# ---- usage ----
status 0 'Examples' 'help' --help
status 0 'Examples' 'help of a command' run --help
status 0 'rt386 ' 'version' version
status 125 'no command' 'no command'
status 125 "'rt386 dump'" 'unknown command names the nearest' dmup
status 125 'rt386 run' 'a file in place of a command' ./text
status 125 "'--timeout'" 'unknown option names the nearest' run --tiemout 3 halt.bin
status 125 'no FILE' 'run without a file' run
status 125 'no FILE' 'info without a file' info
status 125 'needs a value' 'option without its value' run --max-insns
status 125 'must lie in' 'memory out of range' run --memory 4G halt.bin
status 125 'on-fault takes' 'on-fault=other' run --on-fault other halt.bin
status 125 'it is LINE@TIME' 'irq=5' run --irq 5 halt.bin
status 125 'an interrupt line is 0 to 15' 'irq=16@1ms' run --irq 16@1ms halt.bin
status 125 'the vector of a message is 16 to 254' 'irq=msi9@1ms' run --irq msi9@1ms halt.bin
status 0 '' 'irq, a message' run --irq msi96@1ms,every=1ms halt.bin
status 125 'must divide 10000' 'kernel-tick=300' run --kernel-tick 300 halt.bin
status 125 'name SELECTOR:OFFSET' 'pdp without an address' pdp halt.bin
status 0 'no descriptor is there' 'pdp, no such descriptor' pdp 0100:0 halt.bin
status 0 'LINEAR ADDRESS 00000010' 'pdp, flat' pdp 0010:10 halt.bin
status 126 'is no INtime program' 'vk of a bare guest' vk halt.bin
status 125 'use 9' 'irq=2@1ms' run --irq 2@1ms halt.bin
status 125 'a time is a number with us, ms or s' 'irq=5@10' run --irq 5@10 halt.bin
status 125 'every= takes a time above 0' 'irq every=0ms' run --irq 5@1ms,every=0ms halt.bin
status 125 'times= takes a number above 0' 'irq times=-1' run --irq 5@1ms,every=1ms,times=-1 halt.bin
status 125 'times= needs every=' 'irq times alone' run --irq 5@1ms,times=3 halt.bin
status 125 'after the time come' 'irq, another word' run --irq 5@1ms,often halt.bin
status 125 'line 7 and 15' 'irq, spurious 5' run --irq 5@1ms,spurious halt.bin
status 0 '' 'irq, all of it' run --irq 7@1us,spurious --irq 5@1ms,every=2s,times=3 halt.bin
status 125 'on-missing takes' 'on-missing=other' run --on-missing other halt.bin
status 125 'whole number' 'memory not in megabytes' run --memory 1500K halt.bin
status 125 "but 'all'" 'explain=some' run --explain=some halt.bin
status 125 'exclude' 'bios and raw-base' run --bios halt.bin --raw-base 0
status 125 'alone' 'bios and a file' run --bios halt.bin hi.bin
for switch in node r remote; do
    status 125 'one node' "a loader switch that is not there: -$switch" run -$switch n halt.bin
done
status 125 'no debugger' 'a loader switch that is not there: -debug' run -debug halt.bin
status 125 'no dialog' 'a loader switch that is not there: -fbrw' run -fbrw halt.bin
status 125 '-xm and -noxm exclude' 'both memory models' run -xm -noxm halt.bin
status 125 'has no VSEG' 'an XM process has no VSEG' run -xm -vseg 16M halt.bin
status 125 'dump' 'dump without words' dump
status 125 'did you mean gdt' 'dump of an unknown table' dump gtd halt.bin
status 125 "unknown option '--explain'" 'dump with an option of run' dump gdt --explain halt.bin
status 125 '8 bytes' 'seg decode of too few bytes' seg decode 1 2 3
status 125 'hexadecimal' 'seg decode of no number' seg decode zz
status 125 'cannot write the log' 'log that cannot be written' run --log /nonexistent/x $raw halt.bin
status 125 'cannot write the trace' 'trace that cannot be written' run --trace=/nonexistent/x $raw halt.bin
status 125 'cannot write the status file' 'status file that cannot be written' \
    run --status-file /nonexistent/x $raw halt.bin

# ---- files ----
status 127 'absent' 'run of a file that is not there' run absent
status 127 'absent' 'bios that is not there' run --bios absent
status 127 'absent' 'info of a file that is not there' info absent
status 126 'text' 'run of a text file' run text
status 126 'empty' 'run of an empty file' run empty
status 126 '' 'run of a folder' run "$dir"
status 126 'text' 'info of a text file' info text
status 127 'absent' 'the second file is not there' run $raw --raw-base 0x100000 absent

# one sentence and one status, whoever opens the file
for command in run info 'run --bios' 'run --replay' 'dump gdt' objects 'trace info' 'trace cat' 'trace check' 'trace stats' \
    'trace verify' 'trace diff t.trace' 'trace convert --to lackey' 'trace state' 'trace convert --to lackey t.trace --symbols' \
    'moo run' 'moo show' 'moo run x.MOO --revoked' 'run --expect-output'; do
    case $command in
    *--symbols) set -- trace convert --to callgrind t.trace out.cg --symbols ;;
    *--expect-output) set -- run $raw halt.bin --expect-output ;;
    # shellcheck disable=SC2086
    *) set -- $command ;;
    esac
    "$rt" run $raw --record t.trace halt.bin >/dev/null 2>&1
    status 127 'absent: the file cannot be opened: No such file or directory; check its name and rights' \
        "$command: no file" "$@" absent
    status 126 'folder: this is a folder; give a file in it' "$command: a folder" "$@" folder
done
mkdir -p absent.d
status 127 'absent.d/x: the file cannot be opened' 'in a folder' trace info absent.d/x
status 127 'hi.txt/x: the file cannot be opened: Not a directory' 'in what is no folder' moo run hi.txt/x

# ---- ends ----
status 0 '' 'halt with interrupts off' run $raw halt.bin
status 5 '' 'the guest'"'"'s own code' run $raw exit5.bin
status 121 'limit' 'instruction limit' run $raw --max-insns 1000 spin.bin
status 124 'time-out' 'wall time-out' run $raw --timeout 0.2 spin.bin
status 134 'triple fault' 'triple fault' run $raw ud.bin
status 134 '09' 'POST code of a failed test' run $raw --post-port 0x80 post1.bin
status 0 'POST FF' 'POST code of a passed test' run $raw --post-port 0x80 postff.bin
status 0 'Hi' 'guest text' run $raw hi.bin
"$rt" run $raw hi.bin 2>/dev/null >out
holds 'guest text alone on stdout' cmp out hi.txt
status 0 '' 'expect-exit that holds' run $raw --expect-exit 5 exit5.bin
status 1 'status 5' 'expect-exit that does not' run $raw --expect-exit 4 exit5.bin
status 0 '' 'expect-exit of a triple fault' run $raw --expect-exit 134 ud.bin
status 0 '' 'expect-output that holds' run $raw --expect-output hi.txt hi.bin
status 1 'byte 1, line 1' 'expect-output that does not' run $raw --expect-output ho.txt hi.bin
status 1 'differs' 'expect-output with less text' run $raw --expect-output hi.txt halt.bin
status 127 'cannot be opened' 'expect-output that is not there' run $raw --expect-output absent hi.bin
status 0 'normal end' 'verbose tells the end' run -v $raw halt.bin
"$rt" run -q $raw --max-insns 10 spin.bin >out 2>err
holds 'quiet says nothing' test ! -s err
"$rt" run $raw --status-file end.json exit5.bin
holds 'status file' grep -q '"kind":"guest-exit","status":5,"code":5' end.json
"$rt" run --status-file end.json absent 2>/dev/null
holds 'status file of a run that did not start' grep -q '"kind":"host","status":127' end.json

# ---- signals ----
for sig in INT TERM; do
    # A shell starts background jobs with SIGINT ignored; a blocked signal is seen all the same.
    "$rt" run $raw spin.bin 2>/dev/null &
    pid=$!
    sleep 0.4
    kill -$sig $pid
    wait $pid
    got=$?
    [ $sig = INT ] && want=130 || want=143
    holds "SIG$sig gives $want" test $got = $want
done

# ---- views ----
status 0 'out 0xe9, al' 'trace on stderr' run $raw --trace hi.bin
"$rt" run $raw --trace=t.txt hi.bin >/dev/null
holds 'trace in a file' grep -q 'mov al, 0x48' t.txt
holds 'trace has one line an instruction' test "$(wc -l <t.txt)" = 8
"$rt" run $raw --json hi.bin >out
holds 'json begins with the schema' sh -c 'head -1 out | grep -q "^{\"schema\":\"rt386-run/1\",\"start\""'
holds 'json ends with the end' sh -c 'tail -1 out | grep -q "\"end\":{\"kind\":\"halt\""'
"$rt" run --json absent >out 2>/dev/null
holds 'json of a run that did not start' grep -q '"kind":"host","status":127' out
status 0 'base  = 0x00014000' 'seg decode' seg decode ff 0f 00 40 01 f2 40 00
status 0 '"base":"0x00014000"' 'seg decode as json' seg decode --json 0040f201:40000fff
status 0 'SEGM_LIMIT_UP' 'rules' rules
status 0 '"schema":"rt386-rules/1"' 'rules as json' rules --json
status 0 'GDT at linear' 'dump gdt' dump gdt $raw halt.bin
status 0 'no LDT' 'dump ldt says that there is none' dump ldt $raw halt.bin
status 0 'IDT' 'dump idt' dump idt $raw halt.bin
status 0 'TSS' 'dump tss' dump tss $raw halt.bin
status 0 'paging is off' 'dump pt' dump pt $raw halt.bin
status 0 '"schema":"rt386-gdt/1"' 'dump as json' dump gdt --json $raw halt.bin
status 125 'must end in .svg, .html or .png' 'a picture of no known kind' dump gdt --picture gdt.gif $raw halt.bin
status 0 '' 'dump as an SVG' dump gdt --picture gdt.svg $raw halt.bin
holds 'the SVG is one and has a title' grep -q '<title>GDT at linear' gdt.svg
status 0 '' 'dump as an HTML page' dump tss --picture tss.html $raw halt.bin
holds 'the page holds the picture' grep -q '<svg ' tss.html
png() { # png FILE SVG: a PNG twice as wide as the SVG, and about twice as high
    wide=$(sed -n '1s/.* width="\([0-9]*\).*/\1/p' "$2") high=$(sed -n '1s/.* height="\([0-9]*\).*/\1/p' "$2")
    [ "$(od -An -tx1 -N16 "$1" | tr -d ' \n')" = 89504e470d0a1a0a0000000d49484452 ] || return 1
    set -- $(od -An -tu1 -j16 -N8 "$1")
    [ $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4)) = $((2 * wide)) ] || return 1
    tall=$((($5 << 24) + ($6 << 16) + ($7 << 8) + $8))
    [ $((10 * tall)) -ge $((18 * high)) ] && [ $((10 * tall)) -le $((22 * high)) ]
}
if [ -f "${rt%/*}/rt386-lab.so" ]; then
    status 0 '' 'dump as a PNG' dump gdt --picture gdt.png $raw halt.bin
    holds 'the PNG is the drawing of the SVG' png gdt.png gdt.svg
    status 125 "cannot be written" 'a PNG that cannot be written' dump gdt --picture absent/gdt.png $raw halt.bin
fi
cp "$rt" alone
./alone dump gdt --picture alone.png $raw halt.bin 2>err
[ $? = 122 ]; holds 'without the module a PNG is refused' [ $? = 0 ]
holds 'and a sentence says why' grep -q 'draws no PNG: it was made without SDL2; .svg and .html can be had$' err
for kind in gdt ldt idt tss pt; do
    status 0 "\"schema\":\"rt386-$kind/1\"" "dump $kind as JSON" dump $kind --json $raw halt.bin
done
status 125 'cannot be written' 'a picture that cannot be written' dump gdt --picture absent/gdt.svg $raw halt.bin
status 127 'absent' 'dump of a file that is not there' dump gdt absent
status 0 'normal end' 'explain of a bare guest' run --explain $raw hi.bin
"$rt" run --explain $raw hi.bin >out 2>&1
holds 'no colour in a pipe' sh -c '! grep -q "$(printf "\033")" out'
"$rt" rules --color=always >out
status 0 '' 'colour can be forced' run --explain --color=always $raw ud.bin --expect-exit 134
holds 'and is there' grep -q "$(printf '\033')" out

# ---- clocks: ten loads of a dword, aligned or not ----
code loads.bin '\271\012\0\0\0\241\0\020\0\0\342\371\372\364' # mov ecx,10; mov eax,[1000h]; loop; cli; hlt
code crossing.bin '\271\012\0\0\0\241\001\020\0\0\342\371\372\364'
clocks() { # clocks FILE OPTIONS...: virtual time of the run
    file=$1
    shift
    "$rt" run $raw --status-file end.json "$@" "$file" >/dev/null 2>&1
    sed 's/.*"clocks":\([0-9]*\).*/\1/' end.json
}
plain=$(clocks loads.bin)
holds 'wait states: each access' test "$(clocks loads.bin --wait-states 3)" = $((plain + 30))
holds 'wait states: two cycles when misaligned' \
    test "$(clocks crossing.bin --wait-states 3)" = $((plain + 60))
holds 'misaligned clocks' test "$(clocks crossing.bin --misaligned-clocks 2)" = $((plain + 20))
holds 'misaligned clocks, aligned' test "$(clocks loads.bin --misaligned-clocks 2)" = "$plain"
holds 'page walks without paging' test "$(clocks loads.bin --page-walk-clocks 5)" = "$plain"
status 125 'must lie in' 'too many wait states' run --wait-states 256 $raw loads.bin

# ---- undefined: stc; salc; out f4h,al ----
code salc.bin '\371\326\346\364'
code cpuid.bin '\017\242\364'
status 255 '' 'salc as on the chip' run $raw salc.bin
status 255 '' 'salc, --undefined=chip' run $raw --undefined=chip salc.bin
status 134 'triple fault' 'salc is not documented' run $raw --undefined=documented salc.bin
status 125 'must be chip or documented' '--undefined that is neither' run $raw --undefined some salc.bin
status 125 '--cpu must be' '--cpu that is none' run $raw --cpu 8086 salc.bin
status 134 'triple fault' 'a 486 has no CPUID' run $raw --cpu 486 cpuid.bin
status 0 '' 'a Pentium has it' run $raw --cpu pentium cpuid.bin
status 0 'GDT' 'dump with --undefined' dump gdt --undefined documented $raw halt.bin

# ---- system time of INtime ----
status 0 '' 'a start time' run --start-time 2031-12-31T23:59:59 $raw halt.bin
for bad in 1977-12-31 2001-02-29 2000-13-01 2000-01-01T24:00:00 2000-01-01T noon 2000-1; do
    status 125 '--start-time must be a date' "no start time: $bad" run --start-time $bad $raw halt.bin
done

# ---- pipes ----
"$rt" rules 2>err | head -1 >/dev/null
holds 'a reader that leaves is no error message' test ! -s err
if [ -w /dev/full ]; then
    "$rt" rules >/dev/full 2>err
    got=$?
    holds 'a full disk is status 125' test $got = 125
    holds 'and is said' grep -q 'standard output' err
    "$rt" run $raw --timeout 20 hi.bin >/dev/full 2>err
    got=$?
    holds 'a full disk ends a run with 125' test $got = 125
fi
"$rt" rules >&- 2>err
got=$?
holds 'closed stdout is status 125' test $got = 125

echo "1..$count"
