#!/bin/sh
# guests.sh RT386 SHARE_A SHARE_B LIMIT STALE FILL HELLO INTERRUPTS: the views on real INtime programs. TAP on stdout.
set -u
rt=$1 share_a=$2 share_b=$3 limit=$4 stale=$5 fill=$6 hello=$7 interrupts=$8
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
count=0

verdict() { # verdict STATUS NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
has() { # has TEXT NAME: the page holds the text
    grep -qF -- "$1" "$dir/page"
    verdict $? "$2"
}
page() { # page STATUS ARGS...: runs, keeps the page, checks the status
    want=$1
    shift
    "$rt" run "$@" >"$dir/page" 2>"$dir/err"
    got=$?
    [ $got = "$want" ]
    verdict $? "status $want of: $(for w; do basename -- "$w"; done | tr '\n' ' ')"
}
narrow() { # no line of the explanation is wider than 80; the guest's own lines may be
    ! grep -v '^  guest | ' "$dir/page" | grep -q '.\{81\}'
    verdict $? "$1 fits 80 columns"
}
shorter() { # shorter N NAME
    [ "$(wc -l <"$dir/page")" -le "$1" ]
    verdict $? "$2 has at most $1 lines"
}

page 139 --explain "$share_a" "$share_b"
narrow 'the sharing demo'
shorter 300 'the sharing demo'
has 'CreateRtMemoryHandle(pOffset=0x' 'a call with its arguments'
has 'memory handle of process' 'the owner of a GDT entry'
has 'before 00 00 00 00 00 00 00 00  0x00000000 0x00000000' 'the entry before, bytes and words'
has '87 13 00 00' 'the entry after: limit 4999'
has 'pass  SEGM_DATA_DPL_CPL          DPL 3 >= CPL 3' 'a check with its values'
has 'ES is 0x00a8, base 0x' 'the register after the load'
has 'descriptor  accessed bit set: access byte 0xf2 -> 0xf3' 'the byte that the load wrote'
has '3 gate        IDT entry 13 at linear 0x' 'the gate of the exception'
has 'ESP 0x0017' 'what was pushed'
has 'access     ES:0x00000000' 'an access'
has 'FAIL  SEGM_LIMIT_UP' 'the rule that refused'
has 'SEGM_LIMIT_UP [386 6.3.1.2]' 'its section'
has 'offset 0x1388 is 1 byte beyond the limit 0x1387' 'the arithmetic'
has 'error code 0x0000' 'the error code'
has 'unhandled #GP' 'the end of the process'
! grep -q 'RtTlsAlloc' "$dir/page"
verdict $? 'start-up is left out'
has 'Not shown' 'and counted'

page 139 --explain=all "$share_a" "$share_b"
has 'RtTlsAlloc' 'start-up is there with =all'
! grep -q 'Not shown' "$dir/page"
verdict $? 'and nothing is left out'
narrow 'everything'

page 139 --explain "$limit"
narrow 'the limit page'
has 'the first byte is still inside' 'an access that straddles the limit'
page 139 --explain "$stale"
narrow 'the stale page'
has 'DeleteRtMemoryHandle(hSeg=' 'the handle is deleted'
has 'The slot is empty' 'the hint for a deleted handle'
has 'not reached' 'checks after the failure'
page 0 --explain "$fill"
narrow 'the full GDT'
shorter 500 'the full GDT'
has 'E_SLOT' 'the failure among thousands of calls'

page 139 --json --explain "$share_a" "$share_b"
head -1 "$dir/page" | grep -q '^{"schema":"rt386-run/1","start":'
verdict $? 'JSON: first line'
tail -1 "$dir/page" | grep -q '"end":{"kind":"fault","status":139,"vector":13'
verdict $? 'JSON: last line'
! grep -qv '^{.*}$' "$dir/page"
verdict $? 'JSON: an object a line'

page 0 "$hello" -- one two
"$rt" dump gdt --max-insns 5000 "$hello" >"$dir/page" 2>/dev/null
verdict $? 'dump gdt in the middle of a run'
has 'flat CS of process' 'the process is in the table'
"$rt" info "$hello" >"$dir/page"
has 'INtime program' 'info of an INtime program'
has 'known' 'its imports'
! grep -q 'NOT KNOWN' "$dir/page"
verdict $? 'are all known'

# ---- the kernel's objects ----
answers() { # answers STATUS ARGS...: the page of another command than run
    want=$1
    shift
    "$rt" "$@" >"$dir/page" 2>"$dir/err"
    [ $? = "$want" ]
    verdict $? "status $want of: $1"
}
answers 0 objects --max-insns 60000 "$share_a" "$share_b"
has 'process ROOT (0258)' 'objects: the root process'
has '0268  mailbox    HW_FAULT_MBX   data, 0 queued, FIFO, 0 wait' 'objects: what the root process has'
has 'thread' 'objects: threads'
has 'names 0260  "R?IDLE"' 'objects: names in a directory'
answers 0 objects --json "$hello"
has '{"schema":"rt386-objects/1","processes":[{"name":"ROOT","handle":"0x0258","objects":[' 'objects as JSON'
has '"interrupts":[]' 'a process without interrupt levels as JSON'
answers 0 objects --json --max-insns 100000 --irq=5@20ms,every=2ms "$interrupts"
has '"interrupts":[{"level":"0x0058","priority":98,"vector":"0xe5","process":"0x' 'interrupt levels as JSON'
has '"thread":"0x0000","outstanding":0,"max":0,"enabled":true,"shared":false,"message":false}]' 'what a level has'
answers 0 vt 0268 "$hello"
has 'Object type = 3 mailbox, owner 0258' 'vt of a mailbox'
answers 0 vt 0818 "$hello"
has '0818 is no object' 'vt of the call gate'
answers 0 vf "$hello"
has ' free GDT slots of 8192' 'vf when all programs have ended'
answers 125 vt zz "$hello"
answers 125 vt
echo "1..$count"
