#!/usr/bin/env python3
"""Checks that docs/profile.md and docs/intime-scheduler.md name tests that exist: `file` `text` in the column "test"."""
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


def named_tests(row, files):
    """How many tests a row names, and what is wrong with it."""
    pairs = re.findall(r"`([^`]+\.(?:c|def|py|sh))` `([^`]+)`", row["test"])
    bad = [f"{name} has no {text!r}" for name, text in pairs
           if not any(text in source for source in files.get(name, []))]
    if not pairs and not row["test"].startswith("none"):
        bad.append("no test named")
    return len(pairs), bad


def wrong_switch(row):
    field = re.match(r"`i386_cpu\.(\w+)`", row.get("switch", ""))
    return field and field[1] not in (top / "emu/cpu/cpu.h").read_text()


def check(page, first, least, files):
    """A page whose table begins with the column `first`; it has at least so many rows. True: all is well."""
    bad, named, rows, header = [], 0, 0, None
    for number, line in enumerate((top / page).read_text().splitlines(), 1):
        if not line.startswith("| "):
            continue
        cells = columns(line)
        if cells[0] == first:
            header = cells
            continue
        if header is None or len(cells) != len(header):
            bad.append(f"line {number}: {len(cells)} columns")
            continue
        row = dict(zip(header, cells))
        count, wrong = named_tests(row, files)
        if wrong_switch(row):
            wrong.append(f"no switch {row['switch']}")
        rows += 1
        named += count
        bad += [f"line {number}: {what}" for what in wrong]
    for line in bad:
        print(f"{page},", line)
    print(f"{page}: {rows} rows, {named} tests named, {len(bad)} wrong")
    return not bad and rows >= least


def main():
    files = sources()
    good = check("docs/profile.md", "question", 50, files)
    good &= check("docs/intime-scheduler.md", "sentence", 25, files)
    return 0 if good else 1


sys.exit(main())
