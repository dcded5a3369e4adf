#!/bin/sh
# lab.sh RT386 MODULE LIMIT.elf WALK.elf LONG.elf V86.elf PYTHON GOLDEN: the lab's pictures and scripts, with no display. MODULE "" when this build has no
# lab. TAP on stdout. To make the golden pictures anew: RT386_MAKE_GOLDEN=1.
set -u
rt=$1 module=$2 limit=$3 walk=$4 long=$5 v86=$6 python=$7 golden=$8
here=$(dirname "$0")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
count=0
unset DISPLAY WAYLAND_DISPLAY

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
skip() { # skip NAME REASON
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}
lab() { # lab STATUS NAME ARGS...: commands on stdin are the script; what is said is in `said`
    want=$1 name=$2
    shift 2
    cat >"$dir/script"
    timeout 120 "$rt" lab --script "$dir/script" "$@" >"$dir/said" 2>&1
    got=$?
    [ "$got" = "$want" ]
    verdict $? "$name: status $want"
    [ "$got" = "$want" ] || sed 's/^/# /' "$dir/said"
}
says() { # says PATTERN NAME
    grep -q -e "$1" "$dir/said"
    verdict $? "$2"
}

if [ -z "$module" ]; then
    lab 122 'a build without SDL2' "$limit" </dev/null
    says 'this build has no lab' 'and it says so'
    echo "1..$count"
    exit 0
fi

# ---- words ----
lab 0 'the console of an earlier place has what was written by then' "$limit" <<'END'
catch 13
run
pane console
expect its last byte is outside
go 100
pane console
expect the guest has written nothing yet
expect not its last byte
END
lab 1 'a key that is none' "$limit" <<'END'
key nosuchkey
END
lab 1 'a click at nothing' "$limit" <<'END'
click here
END
lab 125 'an option without a meaning here' --gdb :1 "$limit" </dev/null
lab 125 'a size beyond all numbers' --size 4294968576x800 "$limit" </dev/null
dd if=/dev/zero of="$dir/boot" bs=510 count=1 2>/dev/null && printf '\125\252' >>"$dir/boot"
lab 0 'real mode has numbers of segments, and vectors of four bytes' "$dir/boot" <<'END'
expect real mode: segment 0000
expect idle in
pane idt
expect where it leads, linear
END
lab 0 'a script that goes through' "$limit" <<'END'
# an access beyond a memory handle
catch 13
run
expect #GP general protection
expect SEGM_LIMIT_UP
expect not SEGM_NO_SUCH_RULE
back 1
expect past
END
lab 0 'virtual 8086 has numbers of segments, and words on its stack' "$v86" <<'END'
catch 13
run
expect virtual 8086
expect segment 0800
expect SP
expect not ESP:
pane memory
at cs:0
expect offsets in CS: segment 0800, base 00008000
END
lab 0 'a kernel without INtime, before it has paging or an LDT' "$walk" <<'END'
pane pages
expect paging is off
pane ldt
expect no LDT
pane objects
expect no INtime program is there
END
lab 1 'a word that is not known' "$limit" <<'END'
step

stepp
END
says "script:3: 'stepp' is no command; the nearest is step" 'is told with file and line'
lab 1 'something else than expected' "$limit" <<'END'
expect there is no such text
END
says "script:1: 'there is no such text' is nowhere in the picture; no command comes before" 'is told with file and line'
lab 1 'a text that is missing since the guest has ended' "$limit" <<'END'
catch 6
# nothing refuses an opcode there
run
expect #UD invalid opcode
END
says "script:4: '#UD invalid opcode' is nowhere in the picture; line 3, 'run', was done and said: the guest has ended" 'the command before is told'
lab 1 'a command that is not done' "$limit" <<'END'
go nowhere
expect anything
END
says 'script:1: ' 'is told at its own line'
lab 1 'a picture where none can be' "$limit" <<'END'
screenshot /no/such/folder/a.png
END
says "'/no/such/folder/a.png' cannot be written" 'is told'
lab 0 'keys, typing and clicks' "$limit" <<'END'
go 10
key f7
type s:step 3
key return
expect 15 instruction
click 1000 150
key escape
type q
this is not read any more
END
timeout 60 "$rt" lab --size 100x100 --screenshot "$dir/a.png" "$limit" 2>"$dir/said"
[ $? = 125 ]
verdict $? 'a size that is too small: status 125'
timeout 60 "$rt" lab --palette pink --screenshot "$dir/a.png" "$limit" 2>"$dir/said"
[ $? = 125 ]
verdict $? 'a palette that is none: status 125'
timeout 60 "$rt" lab "$limit" 2>"$dir/said"
[ $? = 125 ]
verdict $? 'no display and no script: status 125'
says '--screenshot and --script need none' 'and a way without one is named'

lab 127 'a lesson that is not there' --lesson no-such-lesson </dev/null
lab 125 'a lesson and a file' --lesson 1 "$limit" </dev/null

# ---- time ----
lab 0 'back over a million instructions' "$long" <<'END'
go 3000000
measure back 1000000
expect past
END
says 'back 1000000: [0-9]' 'and it is measured'

# ---- pictures ----
picture() { # picture NAME GUEST OPTIONS...: script on stdin
    name=$1 guest=$2
    shift 2
    cat >"$dir/script"
    timeout 120 "$rt" lab --script "$dir/script" --screenshot "$dir/$name.png" "$@" "$guest" >"$dir/said" 2>&1 || {
        verdict 1 "picture $name"
        sed 's/^/# /' "$dir/said"
        return
    }
    [ -z "${RT386_MAKE_GOLDEN-}" ] || cp "$dir/$name.png" "$golden/$name.png"
    "$python" "$here/lab_compare.py" "$golden/$name.png" "$dir/$name.png" >"$dir/said" 2>&1
    verdict $? "picture $name"
    sed 's/^/# /' "$dir/said"
}
fonts=/usr/share/fonts
if [ -f $fonts/opentype/inter/Inter-Regular.otf ] && [ -f $fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf ]; then
    # of a guest in assembly language: what is seen does not change with a library
    picture fault "$walk" <<'END'
catch 11
run
END
    picture small "$walk" --size 1000x625 --scale 1.25 --palette dark <<'END'
step 50
pane checks
END
    picture map "$walk" --size 700x480 --palette contrast <<'END'
catch 14
run
pane map
zoom
END
    picture gdt "$walk" --size 1000x600 <<'END'
catch 11
run
pane gdt
zoom
END
    picture v86 --lesson=13 <<'END'
page next
catch 13
run
pane stack
END
    picture stack "$walk" --size 700x420 --palette dark <<'END'
catch 14
run
delete
step
pane stack
zoom
END
    picture memory "$walk" --size 800x420 --palette contrast <<'END'
pane memory
at 0x100000
row down
row down
zoom
END
    picture narrow "$walk" --scale 3 <<'END'
catch 14
run
pane address
END
    picture help3 "$walk" --scale 3 --palette contrast <<'END'
help
row page down
END
    picture lesson --lesson=4 <<'END'
page next
answer 1 0x200088
END
    picture help "$walk" --size 1280x800 --palette print <<'END'
help
END
else
    for name in fault small map gdt v86 stack memory narrow help3 lesson help; do
        skip "picture $name" 'the packages fonts-inter and fonts-jetbrains-mono are not there'
    done
fi
timeout 60 "$rt" lab --fonts /nowhere --screenshot "$dir/a.png" "$limit" 2>"$dir/said"
verdict $? 'a folder without fonts: those of the system'

# ---- a window, with real keys ----
if command -v Xvfb >/dev/null && command -v xdotool >/dev/null; then
    Xvfb -displayfd 3 -screen 0 1400x900x24 3>"$dir/display" >/dev/null 2>&1 &
    server=$!
    for _ in $(seq 100); do
        [ -s "$dir/display" ] && break
        sleep 0.1
    done
    DISPLAY=:$(cat "$dir/display")
    export DISPLAY
    # What SDL2's libraries (dbus) keep to the end is no leak of the lab's.
    ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 timeout 60 "$rt" lab --stats "$limit" >"$dir/said" 2>&1 &
    window=$!
    timeout 60 xdotool search --sync --onlyvisible --name 'rt386 lab' >"$dir/id" 2>/dev/null
    id=$(head -n 1 "$dir/id")
    press() {
        xdotool windowfocus "$id" key --delay 60 "$@" 2>/dev/null
    }
    stands() { # stands PATTERN NAME: the window's name tells where the guest is
        for _ in $(seq 200); do
            xdotool getwindowname "$id" 2>/dev/null | grep -q -e "$1" && break
            sleep 0.1
        done
        xdotool getwindowname "$id" 2>/dev/null | grep -q -e "$1"
        verdict $? "$2"
    }
    stands 'at 0 -' 'a window that names the guest and where it stands'
    press colon g o space 2 0 0 Return
    stands 'at 200 -' 'a command is typed'
    press F7
    stands 'at 201 -' 'a key steps'
    press Left
    stands 'at 200 -' 'and another one back'
    press L e 1 3 Return
    press c
    stands 'at [0-9]\{4,\}' 'it runs to a fault'
    xdotool windowfocus "$id" mousemove --window "$id" 1000 150 click 1 2>/dev/null
    press question Escape
    kill -0 $window 2>/dev/null
    verdict $? 'the window is there after keys and clicks'
    press q
    wait $window
    verdict $? 'q leaves it: status 0'
    says 'start to first picture' 'and it tells how long it took'
    says 'left at instruction [0-9]\{4,\}' 'where the keys had brought it'
    kill $server
    wait $server 2>/dev/null
else
    skip 'a window with real keys' 'Xvfb or xdotool is not there'
fi
echo "1..$count"
