"""screen.py RT386 GUEST: rt386 debug --screen on a terminal of its own. TAP on stdout."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

count = 0


def verdict(good, name):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)


class Terminal:
    def __init__(self, command, term="xterm"):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = term
            if term != "xterm":  # ncurses itself forgets memory when it does not know the terminal
                os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
            os.execv(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))

    def wait(self, words, seconds=30):
        """True: these words have come."""
        end = time.time() + seconds
        while words not in self.seen and time.time() < end:
            if not self.read(0.2):
                break
        return words in self.seen

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return True
        try:
            more = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += more
        return bool(more)

    def keys(self, keys):
        self.seen = b""
        os.write(self.fd, keys)

    def status(self):
        while self.read(0.2) and not os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main(rt386, guest):
    plain = subprocess.run([rt386, "debug", "--screen", guest], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if "without ncurses" in plain.stderr:
        print("1..0 # SKIP this build was made without ncurses")
        return
    verdict(plain.returncode == 125 and "needs a terminal" in plain.stderr, "no terminal: one sentence, status 125")
    both = subprocess.run([rt386, "debug", "--screen", "-x", "x", guest], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    verdict(both.returncode == 125 and "leave out one" in both.stderr, "a screen and a script do not go together")
    unknown = Terminal([rt386, "debug", "--screen", guest], term="nonsense")
    verdict(unknown.status() == 125 and b"TERM" in unknown.seen, "an unknown terminal is told")

    t = Terminal([rt386, "debug", "--screen", guest])
    verdict(t.wait(b"segment") or t.wait(b"registers"), "panes are drawn")
    verdict(t.wait(b"instruction 0"), "it stands at the start")
    t.keys(b"\x1b[18~")
    verdict(t.wait(b"> step"), "f7 is a step")
    t.keys(b"go 50\r")
    verdict(t.wait(b"> go 50"), "words can be typed")
    t.keys(b"\t")
    verdict(t.wait(b"[why]"), "tab changes the view")
    fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    os.kill(t.pid, signal.SIGWINCH)
    verdict(t.wait(b"80x24"), "too small a terminal is told")
    fcntl.ioctl(t.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    t.keys(b"quit\r")
    verdict(t.status() == 0, "quit: status 0")
    verdict(b"\x1b[?1049l" in t.seen, "the terminal is as it was")

    t = Terminal([rt386, "debug", "--screen", guest])
    t.wait(b"instruction 0")
    t.keys(b"\x03")
    verdict(t.status() == 130, "Ctrl-C leaves with status 130")
    print(f"1..{count}")


main(*sys.argv[1:])
