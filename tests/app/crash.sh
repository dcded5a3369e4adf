#!/bin/sh
# crash.sh RT386 CRASHES.elf CRASHES.rta HANDLERS: crash reports and cores as users meet them. TAP on stdout. HANDLERS:
# a program whose own handlers take its faults.
set -u
case $1 in
/*) rt=$1 ;;
*) rt=$PWD/$1 ;;
esac
elf=$(realpath "$2") rta=$(realpath "$3") handlers=$(realpath "$4")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
count=0

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
run() { # run STATUS NAME ARGS...: in an empty folder `out`
    want=$1 name=$2
    shift 2
    rm -rf out && mkdir out
    timeout 60 "$rt" run "$@" >said 2>&1
    got=$?
    [ $got = "$want" ]
    verdict $? "$name: status $want"
    [ $got = "$want" ] || sed "s/^/# status $got: /" said
}
has() { # has FILE PATTERN NAME
    grep -q -e "$2" "$1" 2>/dev/null
    verdict $? "$3"
}
files() { # files N NAME: so many are in `out`
    [ "$(ls out | wc -l)" = "$1" ]
    verdict $? "$2"
}

# ---- the report ----
for model in "" -xm; do
    for guest in "$elf" "$rta"; do
        name=$(basename "$guest")$model
        run 139 "$name threads" $model --crash-report=out "$guest" -- threads
        report=out/$(basename "$guest")-1.crash
        has said "crash report is in 'out/$(basename "$guest")-1.crash'" "$name: where the report is"
        has "$report" '^Hardware fault EH_PAGE_FAULT (810E) in process crashes\....' "$name: the vendor's words"
        has "$report" '^  #PF page fault, error code 000[46], CR2 ' "$name: the processor's"
        has "$report" "^ *rule PAGE_[A-Z_]* \[386 " "$name: the rule and its section"
        has "$report" '^  > [0-9A-F]* .*mov .*eax' "$name: the instruction"
        has "$report" '^  EAX 00000000  ECX ' "$name: registers"
        has "$report" '^  CS [0-9A-F]*[37B]  base [0-9A-F]* limit [0-9A-F]* offsets .* access F[AB] flags C$' "$name: segment caches"
        has "$report" 'priority 150, state 03 waits at an exchange' "$name: the other threads"
        has "$report" 'semaphore  NEVER .*0 of 1 units' "$name: objects"
        has "$report" '"NEVER"' "$name: names"
        has "$report" "^  00400000\.\.[0-9A-F]*  $(basename "$guest")$" "$name: modules"
        has "$report" ' RtSleep(dwMilliseconds=20) = 0x1 E_OK$' "$name: calls that returned"
        has "$report" ' WaitForRtSemaphore(.*): waits$' "$name: calls that wait"
    done
done
has "$report" '^  clib.rsl\|[0-9A-F]  clib.rsl$' 'the libraries are modules too'
run 139 'the last instructions' --crash-report=out --crash-insns=5 "$elf" -- threads
report=$(ls -t out/crashes.elf-*.crash | head -1)
[ "$(sed -n '/^The last instructions/,$p' "$report" | grep -c '^  [0-9a-f]*:[0-9a-f]* ')" = 5 ]
verdict $? 'five of them'
tail -1 "$report" | grep -q "$(sed -n 's/^  > [0-9A-F]* *\(.*[^ ]\) *$/\1/p' "$report" | sed 's/^\([0-9a-f]*\) .*/\1/')"
verdict $? 'the refused one is the last' "$(tail -1 "$report")"
rm -f "$report"
run 139 'none of them' --crash-report=out --crash-insns=0 "$elf" -- threads
report=$(ls -t out/crashes.elf-*.crash | head -1)
! grep -q '^The last instructions' "$report"
verdict $? 'when none are asked for'
rm -f "$report"
run 139 'symbols' --crash-report=out "$elf" -- threads
has out/crashes.elf-1.crash 'crashes.elf+0x[0-9a-f]* (inner+0x' 'the function and its caller by name'
run 134 'a software exception' --crash-report=out "$elf" -- raise
has out/crashes.elf-1.crash '^Software exception E0001234 in process crashes.elf' 'its code'
run 139 'a selector outside' --crash-report=out "$elf" -- selector
has out/crashes.elf-1.crash 'rule SEGM_TABLE_GDT\|rule SEGM_DATA' 'the rule of a refused load'
has out/crashes.elf-1.crash 'error code 0x7ff0' 'and its error code'
run 139 'a null selector' --crash-report=out "$elf" -- null
has out/crashes.elf-1.crash 'FAIL  SEGM_USE_NULL' 'the check that failed'
has out/crashes.elf-1.crash '^  GS 0000  cannot be used$' 'the register'
run 133 'a breakpoint' --crash-report=out "$elf" -- trap
has out/crashes.elf-1.crash 'no rule refused' 'which no rule refused'
run 132 'an undefined instruction' --crash-report=out "$elf" -- undefined
has out/crashes.elf-1.crash '  > [0-9A-F]*  f0' 'its bytes'

# ---- whatever the registers hold ----
for how in high low circle jump stack; do
    for guest in "$elf" "$rta"; do
        run 139 "$how $(basename "$guest")" --on-fault=core --crash-report=out "$guest" -- $how
        files 2 "$how: report and core"
    done
done
run 139 'an impossible stack' --crash-report=out "$elf" -- high
has out/crashes.elf-1.crash ':FFFFFFF[BF]  cannot be read$' 'which cannot be read'
run 139 'a jump to nowhere' --crash-report=out "$elf" -- jump
has out/crashes.elf-1.crash '^  > 00700000  cannot be read$' 'where no code is'
run 139 'a frame that is its own caller' --crash-report=out "$elf" -- circle
[ "$(sed -n '/^Call trace/,/^$/p' out/crashes.elf-1.crash | wc -l)" -le 5 ]
verdict $? 'the call trace ends'

# ---- where, and which not ----
run 139 'no report unless asked for' "$elf" -- threads
files 0 'and none is there'
run 139 'the current folder' --crash-report "$elf" -- threads
[ -f crashes.elf-1.crash ]
verdict $? 'without a name'
cp crashes.elf-1.crash first
echo mine >crashes.elf-2.crash
timeout 60 "$rt" run --crash-report "$elf" -- raise >said 2>&1
cmp -s first crashes.elf-1.crash && [ "$(cat crashes.elf-2.crash)" = mine ] && grep -q E0001234 crashes.elf-3.crash
verdict $? 'nothing is written over'
rm -f crashes.elf-*
ln -s "$dir/elsewhere" out/crashes.elf-1.crash
timeout 60 "$rt" run --crash-report=out "$elf" -- threads >said 2>&1
[ ! -e elsewhere ] && [ -f out/crashes.elf-2.crash ]
verdict $? 'a link is not followed'
cp "$elf" './.a b;c'
run 139 'a name of odd letters' --crash-report=out "$dir/.a b;c" -- threads
[ -f out/_a_b_c-1.crash ]
verdict $? 'becomes a plain one'
run 0 'many faults' --on-fault=delete-thread --crash-report=out "$elf" -- many
files 16 'sixteen of twenty are told'
has said 'more than 16 faults' 'and that there were more'
run 0 'faults that the program takes itself' --crash-report=out "$handlers"
files 0 'make no report'
run 125 'a folder that is not there' --crash-report=nowhere "$elf" -- threads
has said "'nowhere' is no folder" 'is named'
run 125 'a file in its place' --crash-report=said "$elf" -- threads
run 139 'JSON' --json --crash-report=out "$elf" -- threads
files 1 'has the report too'
! grep -v '^{.*}$' said | grep -qv '^rt386: '
verdict $? 'and stays JSON'

# ---- what cannot be written ----
full() { # full STATUS NAME ARGS...: files of 1024 bytes at most
    want=$1 name=$2
    shift 2
    rm -rf out && mkdir out
    (trap '' XFSZ && ulimit -f 2 && exec timeout 60 "$rt" run "$@" >/dev/null 2>said)
    [ $? = "$want" ] && grep -q "cannot be written: .*; what there was of it is removed" said
    verdict $? "$name"
    files 0 'nothing half-written is left'
}
full 139 'no room for the report' --crash-report=out "$elf" -- threads
full 139 'no room for the core' --on-fault=core --crash-report=out "$elf" -- threads
full 125 'status 125 where it would be 0' --on-fault=delete-thread --crash-report=out "$elf" -- many
if [ "$(id -u)" = 0 ]; then
    echo "ok $((count + 1)) - a folder that takes no files # SKIP root may write everywhere"
    count=$((count + 1))
else
    run 139 'a folder that takes no files' --crash-report=/ "$elf" -- threads
    has said 'cannot be written: ' 'is told'
fi

# ---- the core ----
for model in "" -xm; do
    run 139 "a core$model" $model --on-fault=core "$elf" -- threads
    [ -f crashes.elf-1.core ] && [ ! -e crashes.elf-1.crash ]
    verdict $? 'in the current folder, and no report'
    mv crashes.elf-1.core core 2>/dev/null
    if command -v readelf >/dev/null; then
        readelf -hln core >page 2>/dev/null
        has page 'Type: *CORE' 'an ELF core'
        has page 'LOAD .* 0x00400000 .* R E ' 'the code where it is linked'
        [ "$(grep -c 'NT_PRSTATUS' page)" = 3 ] && [ "$(grep -c 'NT_FPREGSET' page)" = 3 ]
        verdict $? 'three threads, each with its coprocessor'
        has page 'rt386 ' 'the report is inside'
    else
        echo "ok $((count + 1)) - readelf # SKIP there is no readelf"
        count=$((count + 1))
    fi
    if command -v gdb >/dev/null; then
        gdb -nx -batch -ex 'info registers' -ex 'info threads' -ex bt -ex 'thread 2' -ex 'x/i $pc' \
            -ex 'p/x *(int *)$esp' -ex 'info float' -ex 'thread 1' -ex 'info float' "$elf" core >page 2>&1
        has page '^eip .*<inner' 'gdb: registers'
        has page 'SIGSEGV' 'gdb: why'
        has page '^#0 .* inner ()' 'gdb: the function'
        [ "$(grep -c ' LWP [0-9]* .* in \| LWP [0-9]*  *0x' page)" -ge 3 ]
        verdict $? 'gdb: three threads'
        has page '^\$1 = 0x' 'gdb: memory'
        has page 'R7: Valid *0x4000d49a784bcd1b8a' 'gdb: the coprocessor of a thread that waits'
        has page 'R7: Valid *0x3fff8000000000000000 +1' 'gdb: of the one that has faulted'
        has page '=>R6: Valid *0x4000c90fdaa22168c2' 'gdb: the top of its stack'
    else
        echo "ok $((count + 1)) - gdb # SKIP there is no gdb"
        count=$((count + 1))
    fi
done
run 139 'a core of a processor with SSE2' --cpu=sse2 --on-fault=core "$elf" -- xmm
if command -v gdb >/dev/null; then
    gdb -nx -batch -ex 'p $xmm3.v4_int32[0]' "$elf" crashes.elf-1.core >page 2>&1
    has page '^\$1 = 386$' 'gdb: XMM registers'
else
    echo "ok $((count + 1)) - gdb # SKIP there is no gdb"
    count=$((count + 1))
fi
rm -f crashes.elf-1.core
run 134 'a core of a software exception' --on-fault=core --crash-report=out "$rta" -- raise
files 2 'report and core'
echo "1..$count"
