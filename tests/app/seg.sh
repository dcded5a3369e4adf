#!/bin/sh
# seg.sh RT386 LIMIT.elf WALK.elf: rt386 seg explain, walk, diff, and run --watch-tables. TAP on stdout.
set -u
case $1 in
/*) rt=$1 ;;
*) rt=$PWD/$1 ;;
esac
limit=$2 walk=$3
count=0

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
page=
asked() { # asked STATUS NAME ARGUMENTS...: what is said is in `page`
    want=$1 name=$2
    shift 2
    page=$(timeout 60 "$rt" "$@" 2>/dev/null)
    [ $? = "$want" ]
    verdict $? "$name: status $want"
}
says() { # says PATTERN NAME
    printf '%s\n' "$page" | grep -q -e "$1"
    verdict $? "$2"
}
narrow() { # narrow NAME: no line of more than 80 columns
    [ "$(printf '%s\n' "$page" | awk 'length > 80' | wc -l)" = 0 ]
    verdict $? "$1"
}

asked 0 'explain on tables' seg explain es 0x0b --gdt 'ff0f004001924000' --cpl 3
says 'last byte 0x000f <= table limit 0x000f' 'explain: the table is as long as its entries'
says '4 FAIL  SEGM_DATA_DPL_CPL  *DPL 0 < CPL 3' 'explain: the check that fails'
says ' 6  --   SEGM_DATA_PRESENT  *not reached' 'explain: what is not reached'
says 'raises      #GP with error code 0x0008; ES keeps what it holds' 'explain: the fault, without the RPL'
narrow 'explain: 80 columns'
asked 0 'explain on an LDT' seg explain ds 0x0c --cpl 0 --ldt '0 0 0 0 0 0 0 0;ff0f004001924000'
says 'SEGM_LDT_NONE' 'explain: the LDT is asked'
says 'granted     DS would hold base 0x00014000, limit 0x00000fff; the A bit is' 'explain: granted'
asked 0 'explain as JSON' seg explain ss 0x10 --json --gdt 'ff0f004001924000' --cpl 0
says '"rule":"SEGM_TABLE_GDT","section":"386 5.1.2","state":"failed"' 'explain: state of a check'
says '"state":"not reached"' 'explain: and of those behind it'
says '"granted":false}$' 'explain: the verdict comes last'
asked 0 'explain on a guest' seg explain es 0x1b --max-insns 3000 "$limit"
says '2 FAIL  SEGM_DATA_TYPE  *it is a TSS' 'explain: a TSS of INtime'
asked 125 'explain without a register' seg explain 0x1b --gdt 'ff0f004001924000'
asked 125 'explain without a guest' seg explain es 0x1b
asked 125 'explain with half a descriptor' seg explain es 0x0b --gdt 'ff0f'
asked 125 'no such word' seg what

asked 0 'the next instruction' seg next --max-insns 3000 "$limit"
says ' at 003b:[0-9a-f]*, CPL 3$' 'next: where it stands'
says '^     ends        ' 'next: how it ends'
narrow 'next: 80 columns'
asked 0 'the next instruction as JSON' seg next --json --max-insns 3000 "$limit"
says '^{"schema":"rt386-account/1","end":"' 'next: JSON'
asked 125 'next without a guest' seg next

asked 0 'walk from a segment' seg walk ds:0x1000 --max-insns 3000 "$limit"
says 'segment    selector 0x0043, base 0x10000000, limit 0x007fffff: offset 0x00001000 is inside' 'walk: logical'
says 'linear     0x10001000: directory index 64, table index 1, offset 0x000' 'walk: linear'
says 'PDE  *0x[0-9a-f]*27 at physical' 'walk: the directory'
asked 0 'walk of a linear address' seg walk 0x8123 --json "$walk"
says '"schema":"rt386-seg-walk/1","linear":"0x00008123"' 'walk: JSON'
asked 0 'walk the other way' seg walk phys:0x8000 "$walk"
says '^  linear 0x00008000' 'walk: a linear address that reaches the byte'
says '0x0010:0x00008000  (GDT entry 2)' 'walk: and a selector'
asked 125 'walk nowhere' seg walk there "$walk"

pictures=$(mktemp -d)
trap 'rm -rf "$pictures"' EXIT
drawn() { # drawn PATTERN NAME
    grep -q -e "$1" "$pictures/x.svg"
    verdict $? "$2"
}
asked 0 'explain as a picture' seg explain es 0x0b --gdt 'ff0f004001924000' --cpl 3 --picture "$pictures/x.svg"
drawn '<title>ES is loaded with selector 0x000b at CPL 3' 'picture: its title'
drawn '>SEGM_DATA_DPL_CPL<' 'picture: the check that fails'
drawn '>not reached<' 'picture: what is not reached'
drawn '>#GP(0x8)<' 'picture: the fault'
drawn '>error code 0x0008 of #GP<' 'picture: its error code'
behind=$(printf 'b selector:8\nc\n' | "$rt" debug "$walk" 2>/dev/null | sed -n 's/^(\([0-9]*\)).*/\1/p' | tail -1)
asked 0 'a load as a picture' seg next --max-insns $((behind - 1)) "$walk" --picture "$pictures/x.svg"
drawn '>SEGM_TABLE_GDT<' 'picture: a check of the next instruction'
drawn '>selector<' 'picture: the step that asks it'
asked 0 'walk as a picture' seg walk ds:0x1000 --max-insns 3000 "$limit" --picture "$pictures/x.svg"
drawn '>page table entry 0x[0-9a-f]* at physical 0x' 'picture: the entry of the page table'
drawn '>index in the page directory<' 'picture: the linear address'
asked 0 'walk beyond the segment' seg walk ds:0xfffff000 --max-insns 3000 "$limit" --picture "$pictures/x.svg"
drawn '>not reached<' 'picture: it goes no further'
asked 0 'walk of a linear address' seg walk 0x8123 "$walk" --picture "$pictures/x.svg"
drawn '<title>from linear 0x00008123' 'picture: it begins with the linear address'
asked 0 'decode as an HTML page' seg decode ff 0f 00 40 01 f2 40 00 --picture "$pictures/x.html"
grep -q 'As text' "$pictures/x.html" && grep -q '<svg ' "$pictures/x.html"
verdict $? 'picture: a page has the text as well'
asked 125 'diff as a picture' seg diff 1000 3000 "$limit" --picture "$pictures/x.svg"
asked 125 'a picture of no known kind' seg decode ff0f004001f24000 --picture x.gif

asked 0 'diff of two places' seg diff 1000 3000 "$limit"
says '^1 entry differs' 'diff: how many'
says 'added GDT entry 11 (selector 0x0058): memory handle of process limit.elf' 'diff: added, with its owner'
says 'is   01 10 00 30 03 f2 40 10  0x1040f203 0x30001001' 'diff: bytes and words'
says 'free GDT slots: 8176, now 8175' 'diff: free slots'
narrow 'diff: 80 columns'
asked 0 'diff as JSON' seg diff 1000 3000 --json "$limit"
says '"change":"added","table":"gdt","index":11,"selector":"0x0058","owner":"memory handle' 'diff: JSON'
asked 0 'diff the other way' seg diff 3000 1000 "$limit"
says 'removed' 'diff: removed'
asked 125 'diff of one place' seg diff 1000 "$limit"

"$rt" run --max-insns 1000 --snapshot "$pictures/a.snap" "$limit" >"$pictures/said" 2>&1
[ $? = 121 ] && [ -s "$pictures/a.snap" ]
verdict $? 'a snapshot at a limit'
"$rt" run --max-insns 3000 --snapshot "$pictures/b.snap" "$limit" >/dev/null 2>&1
asked 0 'diff of a run' seg diff 1000 3000 "$limit"
of_run=$page
says '^[1-9][0-9]* page entr.* differ' 'diff: page entries'
says 'added PTE of linear 0x10033000..0x100' 'diff: pages of the new memory'
says ' (user, writable' 'diff: their rights'
asked 0 'diff of two snapshots' seg diff "$pictures/a.snap" "$pictures/b.snap"
[ "$page" = "$of_run" ]
verdict $? 'diff: the same of snapshots'
asked 0 'diff of a snapshot and a place' seg diff "$pictures/a.snap" 3000 "$limit"
[ "$page" = "$of_run" ]
verdict $? 'diff: the same of a snapshot and a place'
"$rt" run --record "$pictures/run.trace" "$limit" >/dev/null 2>&1
asked 0 'diff of a snapshot and a trace' seg diff "$pictures/a.snap" 3000 --replay "$pictures/run.trace"
[ "$page" = "$of_run" ]
verdict $? 'diff: the same of a snapshot and a place of a trace'
narrow 'diff: 80 columns with pages'
asked 0 'diff of snapshots as JSON' seg diff --json "$pictures/a.snap" "$pictures/b.snap"
says '"page_changes":\[{"change":"added","level":"pte","linear":"0x10033000","entries":' 'diff: page entries as JSON'
asked 0 'diff of equal snapshots' seg diff "$pictures/a.snap" "$pictures/a.snap"
says '^0 entries differ' 'diff: nothing has changed'
says '^0 page entries differ' 'diff: nor in the pages'
asked 125 'diff of a snapshot and a place of nothing' seg diff "$pictures/a.snap" 3000
asked 125 'diff of what is not there' seg diff "$pictures/a.snap" "$pictures/none.snap"
asked 0 'a table of a snapshot' dump gdt "$pictures/a.snap"
says '^GDT at linear' 'snapshot: dump looks at it as it is'
asked 139 'a run from a snapshot' run "$pictures/b.snap"
at_end=$page
asked 139 'and the whole run' run "$limit"
[ "${page%"$at_end"}" != "$page" ]
verdict $? 'snapshot: the run goes on to the same end'
asked 0 'info of a snapshot' info "$pictures/a.snap"
says ': snapshot of a machine with 32 MB of memory' 'snapshot: what the file is'
asked 126 'a snapshot and a guest' run "$pictures/a.snap" "$limit"
head -c 3000 "$pictures/a.snap" >"$pictures/cut.snap"
asked 126 'half a snapshot' run "$pictures/cut.snap"
asked 125 'a snapshot that cannot be written' run --snapshot "$pictures/none/x.snap" "$walk"

asked 0 'a kernel explained' run --explain "$walk"
says '^   1 selector    0x0008 = 0000000000001 0 00: GDT entry 1, RPL 0; CPL 0' 'explain: a load of a guest without INtime'
says '^ *[0-9]* register    ' 'explain: and what the register held'
[ "$(printf '%s\n' "$page" | grep -v '^  guest | ' | awk 'length > 80' | wc -l)" = 0 ]
verdict $? 'explain: 80 columns'
asked 139 'watched tables' run --watch-tables "$limit"
says 'CreateRtMemoryHandle(pOffset=0x00033000, cbSize=4098) -> 0x00000058' 'watch: the call'
says 'added GDT entry 11 (selector 0x0058)' 'watch: what it added'
says '^between calls' 'watch: the accessed bit is no call of anybody'
says 'calls; tables changed [0-9]* times' 'watch: the sum'
asked 139 'watched tables as JSON' run --watch-tables --json "$limit"
says '"schema":"rt386-tables/1","call":"CreateRtMemoryHandle"' 'watch: JSON'
says '"change":"changed","table":"gdt","index":11' 'watch: a change'
asked 125 'two ways to tell' run --watch-tables --explain "$limit"
echo "1..$count"
