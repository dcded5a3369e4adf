"""Runs a ring-0 guest and turns its lines into TAP.

usage: ring0.py RT386 GUEST MINIMUM|shutdown [OPTION ...]

Every line of the guest ends in ': ok' or ': DIFFERS'; the last one counts them. A guest that stops early,
or prints fewer cases than MINIMUM, fails. With "shutdown" it must stop behind its
first line, by a shutdown of the processor.
"""
import re
import subprocess
import sys


def main():
    rt386, guest = sys.argv[1:3]
    shutdown = sys.argv[3] == "shutdown"
    minimum = 1 if shutdown else int(sys.argv[3])
    run = subprocess.run([rt386, "run", "--quiet", *sys.argv[4:], guest], capture_output=True, text=True, timeout=100)
    number = wrong = 0
    total = None
    for line in run.stdout.splitlines():
        case = re.match(r"(.*?): got (.*): (ok|DIFFERS)$", line)
        if case:
            number += 1
            wrong += case.group(3) != "ok"
            title = case.group(1).replace("#", "no.")
            print(f"{'' if case.group(3) == 'ok' else 'not '}ok {number} - {title}")
            if case.group(3) != "ok":
                print(f"# {case.group(2)}")
        elif m := re.match(r"(\d+) cases, (\d+) differ$", line):
            total = int(m.group(1)), int(m.group(2))
    if shutdown:
        whole = total is None and (number, wrong) == (1, 0) and run.returncode == 134
    else:
        whole = total == (number, wrong) and number >= minimum and run.returncode == min(wrong, 255)
    number += 1
    print(f"{'' if whole else 'not '}ok {number} - the guest came to its end, status {run.returncode}")
    if not whole:
        print("# " + (run.stderr.strip().splitlines() or ["no message"])[-1])
    print(f"1..{number}")


main()
