#!/bin/sh
# realtime.sh RT386 NAPS EVENTS SOCKETS: --realtime as users meet it. TAP on stdout. Only lower bounds: a busy host may be late.
set -u
rt=$1 naps=$2 events=$3 sockets=$4
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
count=0

verdict() { # verdict GOOD NAME
    count=$((count + 1))
    [ "$1" = 0 ] && echo "ok $count - $2" || echo "not ok $count - $2"
}
# signals STATUS SIGNAL NAME ARGS...: the signal while the guest sleeps
signals() {
    want=$1 signal=$2 name=$3
    shift 3
    : >"$out" # not the "ready" of the run before
    timeout 60 "$rt" run --realtime "$@" >"$out" 2>&1 &
    pid=$!
    tries=0
    until grep -q '^ready$' "$out" || [ $tries = 400 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    sleep 0.2
    kill -"$signal" $pid
    wait $pid
    got=$?
    [ $got = "$want" ]
    verdict $? "$name: status $want"
    [ $got = "$want" ] || echo "# status $got: $(head -c 200 "$out")"
}

start=$(date +%s%N)
timeout 60 "$rt" run --realtime "$naps" -- 5 100 >"$out" 2>&1
verdict $? 'a run that sleeps'
took=$((($(date +%s%N) - start) / 1000000))
[ $took -ge 400 ]
verdict $? 'five times 100 ms take at least 400'
grep -q '^slept 5 times$' "$out"
verdict $? 'and go on afterwards'
timeout 60 "$rt" run "$naps" -- 1 600000 >"$out" 2>&1
verdict $? 'without it ten minutes are skipped'
a=$("$rt" run -vv --realtime "$naps" -- 3 20 2>&1 | grep ' clocks')
b=$("$rt" run -vv "$naps" -- 3 20 2>&1 | grep ' clocks')
[ -n "$a" ] && [ "$a" = "$b" ]
verdict $? 'the guest cannot tell: instructions and clocks are the same'
signals 143 TERM 'a signal in ten minutes of sleep' "$naps" -- 1 600000
signals 5 TERM 'a program that listens' "$events" -- serve
timeout 60 "$rt" run --realtime --timeout 0.3 "$naps" -- 1 600000 >"$out" 2>&1
[ $? = 124 ]
verdict $? 'the time-out ends a sleep'
timeout 60 "$rt" run --quiet --realtime --net=loopback "$sockets" >"$out" 2>&1
[ $? = 0 ] && ! grep -q '^not ok' "$out"
verdict $? 'sockets work while idle time is slept'
echo "1..$count"
