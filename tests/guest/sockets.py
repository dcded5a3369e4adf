"""A program on the host talks to guests on the loopback; TAP on standard output.

usage: sockets.py RT386 GUEST ...        GUEST: the program `sockets`
"""
import os
import signal
import socket
import subprocess
import sys
import time

count = 0


def report(good, name, why=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        print(f"# {why}")


def start(rt386, guest, what):
    run = subprocess.Popen([rt386, "run", "--net=loopback", "--timeout", "40", guest, "--", what], stdout=subprocess.PIPE, text=True)
    return run, run.stdout.readline().split()


def stream(rt386, guest):
    run, said = start(rt386, guest, "echo")
    with socket.create_connection(("127.0.0.1", int(said[1])), timeout=20) as s:
        for text in (b"hello", b"x" * 5000, b"the end"):
            s.sendall(text)
            got = b""
            while len(got) < len(text):
                got += s.recv(len(text) - len(got))
            report(got == text.upper(), f"{guest}: {len(text)} bytes there and back", got[:80])
    report(run.wait(20) == 0, f"{guest}: it ends when the caller goes", run.returncode)


def outside(rt386, guest):
    """Only on the loopback: from no other address of this host."""
    run, said = start(rt386, guest, "echo")
    refused = True
    try:
        addresses = {a[4][0] for a in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    except OSError: # a host that does not know its own name
        addresses = set()
    for address in addresses:
        if address.startswith("127."):
            continue
        try:
            socket.create_connection((address, int(said[1])), timeout=5).close()
            refused = False
        except OSError:
            pass
    report(refused, f"{guest}: no other address of the host leads to it", addresses)
    run.terminate()
    run.wait(20)


def datagram(rt386, guest):
    run, said = start(rt386, guest, "tell")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(20)
        s.sendto(b"abc", ("127.0.0.1", int(said[1])))
        report(s.recv(100) == b"ABC", f"{guest}: a datagram there and back")
    report(run.wait(20) == 0, f"{guest}: it ends", run.returncode)


def waiting(rt386, guest):
    run, said = start(rt386, guest, "wait")
    time.sleep(1)
    busy = int(open(f"/proc/{run.pid}/stat").read().split()[13]) / os.sysconf("SC_CLK_TCK")
    run.send_signal(signal.SIGTERM)
    report(run.wait(20) == 143, f"{guest}: a signal ends a wait", run.returncode)
    report(said == ["ready"] and busy < 0.5, f"{guest}: a wait costs no processor time", busy)


def main():
    for guest in sys.argv[2:]:
        stream(sys.argv[1], guest)
        datagram(sys.argv[1], guest)
        outside(sys.argv[1], guest)
        waiting(sys.argv[1], guest)
    print(f"1..{count}")


main()
