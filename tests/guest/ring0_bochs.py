"""Runs the ring-0 guests on Bochs and compares where it differs with the list of known points.

usage: ring0_bochs.py TOOLS_BOCHS_RUN KNOWN GUEST ...

KNOWN holds one case name a line, those of docs/divergences.md. Exits 77 (skipped) without Bochs.
"""
import os
import re
import subprocess
import sys


def main():
    run, known_file, *guests = sys.argv[1:]
    with open(known_file, encoding="utf-8") as file:
        known = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    lines = []
    met = set()
    for guest in guests:
        result = subprocess.run([run, guest], capture_output=True, text=True, timeout=200)
        if result.returncode == 77:
            print("1..0 # SKIP Bochs is not installed")
            return
        title = os.path.basename(guest)
        different = {m.group(1) for m in re.finditer(r"^(.*?): got .*: DIFFERS$", result.stdout, re.M)}
        total = re.search(r"^(\d+) cases", result.stdout, re.M)
        met |= different
        good = total is not None and different <= known
        lines.append((good, f"{title}: {total.group(1) if total else 'unfinished'} cases, {len(different)} known points",
                      sorted(different - known)))
    lines.append((known <= met, "every known point is still there", sorted(known - met)))
    print(f"1..{len(lines)}")
    for number, (good, what, notes) in enumerate(lines, 1):
        print(f"{'' if good else 'not '}ok {number} - {what}")
        for note in notes:
            print(f"# {note}")


main()
