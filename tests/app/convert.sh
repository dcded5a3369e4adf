#!/bin/sh
# convert.sh RT386 PYTHON CHECKER GUEST THREADS KERNEL: traces in the formats of other tools. TAP on stdout.
#
# CHECKER reads each output by the rules of its format and compares it with trace cat --json. callgrind_annotate and
# vcd2fst open theirs, where they are installed.
set -u
rt=$1 python=$2 checker=$3
shift 3
case $rt in /*) ;; *) rt=$PWD/$rt ;; esac
case $checker in /*) ;; *) checker=$PWD/$checker ;; esac
count=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

verdict() { # GOOD NAME [DETAIL]
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        [ $# -gt 2 ] && echo "# $3"
    fi
}
# refused TEXT NAME ARGS...: status 125 and one sentence
refused() {
    text=$1 name=$2
    shift 2
    "$rt" trace convert "$@" >"$dir/out" 2>"$dir/err" </dev/null
    if [ $? = 125 ] && grep -qF -- "$text" "$dir/err"; then verdict 0 "$name"; else
        verdict 1 "$name" "$(head -c 300 "$dir/err" | tr '\n' ' ')"
    fi
}
# checked FORMAT GUEST: converted, and found good by the checker
checked() {
    "$rt" trace convert --to "$1" "$dir/$2.trace" "$dir/$2.$1" 2>"$dir/err" || {
        verdict 1 "$1 of $2" "$(head -c 300 "$dir/err" | tr '\n' ' ')"
        return
    }
    set -- "$@" "$dir/$2.$1"
    [ -f "$3.segs" ] && set -- "$@" "$3.segs"
    format=$1 guest=$2
    shift 2
    said=$("$python" "$checker" "$format" "$dir/$guest.jsonl" "$@" 2>&1)
    verdict $? "$format of $guest" "$said"
    rm -f "$@"
}

kernel=$3
case $kernel in /*) ;; *) kernel=$PWD/$kernel ;; esac
guest=hello
for file in "$@"; do
    "$rt" run --max-insns 15000 --record "$dir/$guest.trace" "$file" >/dev/null 2>&1
    "$rt" trace cat --json "$dir/$guest.trace" >"$dir/$guest.jsonl" 2>/dev/null
    for format in bochs callgrind execlog lackey perfetto qemu tenet trace32 vcd; do
        checked $format $guest
    done
    [ $guest = threads ] && guest=kernel
    [ $guest = hello ] && guest=threads
done

# A guest that writes its own tables: a whole descriptor, a byte of one, over two of them, over the GDT's end, one of the IDT.
{
    printf '\017\040\300\203\310\002\017\042\300'                     # mov eax, cr0; or eax, 2; mov cr0, eax
    printf '\017\001\025\100\001\020\000\017\001\035\110\001\020\000' # lgdt [0x100140]; lidt [0x100148]
    printf '\307\005\010\040\020\000\377\377\000\000'                 # mov dword [0x102008], 0xffff
    printf '\307\005\014\040\020\000\000\223\317\000'                 # mov dword [0x10200c], 0xcf9300
    printf '\306\005\025\040\020\000\222'                             # mov byte [0x102015], 0x92
    printf '\307\005\016\040\020\000\021\042\063\104'                 # mov dword [0x10200e], 0x44332211
    printf '\307\005\036\040\020\000\001\002\003\004'                 # mov dword [0x10201e], 0x04030201
    printf '\307\005\000\100\020\000\001\002\003\004'                 # mov dword [0x104000], 0x04030201
    printf '\306\005\055\060\020\000\216\364'                         # mov byte [0x10302d], 0x8e; hlt
    head -c 232 /dev/zero
    printf '\037\000\000\040\020\000\000\000\377\007\000\060\020\000'
} >"$dir/tables.bin"
"$rt" run --raw-base 0x100000 --record "$dir/tables.trace" "$dir/tables.bin" >/dev/null 2>&1
"$rt" trace cat --json "$dir/tables.trace" >"$dir/tables.jsonl"
checked perfetto tables
checked vcd tables

cd "$dir" || exit 1
"$rt" trace convert --to perfetto tables.trace tables.json
for name in 'GDT 0x0008 written' 'GDT 0x0008 changed' 'GDT 0x0010 written' 'GDT 0x0018 written' 'IDT 0x05 written'; do
    grep -qF "\"name\":\"$name\"" tables.json
    verdict $? "a lane of descriptors: $name"
done
[ "$(grep -c '"cat":"table"' tables.json)" = 7 ]
verdict $? 'seven writes of them' "$(grep -c '"cat":"table"' tables.json)"
grep -qF '"before":"ff ff 00 00 ?? ?? ?? ??","after":"ff ff 00 00 00 93 cf 00"' tables.json
verdict $? 'bytes that are not known are shown so'
"$rt" trace convert --to lackey hello.trace >a 2>b
"$rt" trace convert --to lackey hello.trace c
cmp -s a c
verdict $? 'without a file the output is the standard one'
"$rt" trace convert --to execlog --from 100 --count 10 hello.trace >a
verdict $(($(wc -l <a) != 10)) '--from --count'
"$rt" trace convert --to execlog hello.trace | sed -n '101,110p' | cmp -s - a
verdict $? 'are these instructions'
"$rt" trace convert --to tenet --side segs hello.trace >/dev/null
grep -q '^0 cs 003b base 10000000' segs
verdict $? '--side takes the selectors'
"$rt" run --max-insns 300000 --record long.trace "$kernel" >/dev/null 2>&1
"$rt" trace convert --to callgrind --symbols "$kernel" long.trace profile
grep -q '^fn=world$' profile && grep -q '^cfn=world$' profile
verdict $? '--symbols gives names'
if command -v callgrind_annotate >/dev/null; then
    callgrind_annotate profile >out 2>err && grep -q 'PROGRAM TOTALS' out && grep -q '???:world' out
    verdict $? 'callgrind_annotate opens it' "$(head -c 300 err)"
else
    verdict 0 'callgrind_annotate opens it # SKIP no callgrind_annotate here'
fi
"$rt" trace convert --to vcd threads.trace threads.vcd
if command -v vcd2fst >/dev/null; then
    vcd2fst threads.vcd threads.fst >out 2>&1 && [ -s threads.fst ]
    verdict $? 'vcd2fst opens it' "$(head -c 300 out)"
else
    verdict 0 'vcd2fst opens it # SKIP no vcd2fst here'
fi
"$rt" trace convert --to callgrind --symbols nothing.elf hello.trace >out 2>err
verdict $(($? != 127)) 'no file of symbols' "$(cat err)"
"$rt" trace convert --to callgrind --symbols hello.trace hello.trace >out 2>err
grep -q 'has no symbols' err
verdict $? 'a file that has no symbols' "$(cat err)"
refused '--symbols is for' 'symbols for a format without functions' --to lackey --symbols "$kernel" hello.trace
refused 'say to what: --to FORMAT' 'no format' hello.trace
refused "did you mean 'lackey'" 'a misspelt format' --to lacky hello.trace
refused 'is no format; they are' 'no such format' --to gibberish hello.trace
refused 'one output' 'too many files' --to lackey hello.trace one two
refused 'is the trace itself' 'the output is not the trace' --to lackey hello.trace hello.trace
refused 'cannot write' 'a place that cannot be written' --to lackey hello.trace nowhere/out
refused 'is the output itself' 'two files of one name' --to tenet --side one.tenet hello.trace one.tenet
refused '--side is for' 'a side file for a format that has none' --to lackey --side segs hello.trace
if [ -c /dev/full ]; then
    refused 'could not be written to its end' 'a full disk' --to lackey hello.trace /dev/full
else
    verdict 0 'a full disk # SKIP no /dev/full here'
fi
head -c 20000 hello.trace >half.trace
"$rt" trace convert --to execlog half.trace >a 2>b
verdict $(($? != 0)) 'what is left of half a trace is converted' "$(cat b)"
grep -q 'it ends' b
verdict $? 'with a word about it' "$(cat b)"
echo "1..$count"
