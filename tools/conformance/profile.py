#!/usr/bin/env python3
"""Checks that docs/profile.md names tests that exist: `file` `text` in its column "test"."""
import pathlib
import re
import sys

top = pathlib.Path(__file__).resolve().parents[2]


def columns(line):
    return [c.strip() for c in line.strip().strip("|").split(" | ")]


def sources():
    files = {}
    for path in (top / "tests").rglob("*"):
        if path.suffix in (".c", ".def", ".py", ".sh"):
            files.setdefault(path.name, []).append(path.read_text(errors="replace"))
    return files


def main():
    files, bad, named, rows = sources(), [], 0, 0
    header = None
    for number, line in enumerate((top / "docs/profile.md").read_text().splitlines(), 1):
        if not line.startswith("| "):
            continue
        cells = columns(line)
        if cells[0] == "question":
            header = cells
            continue
        if header is None or len(cells) != len(header):
            bad.append(f"line {number}: {len(cells)} columns")
            continue
        rows += 1
        test, switch = cells[header.index("test")], cells[header.index("switch")]
        pairs = re.findall(r"`([^`]+\.(?:c|def|py|sh))` `([^`]+)`", test)
        if not pairs and not test.startswith("none"):
            bad.append(f"line {number}: no test named")
        for name, text in pairs:
            named += 1
            if not any(text in source for source in files.get(name, [])):
                bad.append(f"line {number}: {name} has no {text!r}")
        field = re.match(r"`i386_cpu\.(\w+)`", switch)
        if field and field[1] not in (top / "emu/cpu/cpu.h").read_text():
            bad.append(f"line {number}: no switch {field[1]}")
    for line in bad:
        print("docs/profile.md,", line)
    print(f"{rows} choices, {named} tests named, {len(bad)} wrong")
    return 1 if bad or rows < 50 else 0


sys.exit(main())
