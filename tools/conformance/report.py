#!/usr/bin/env python3
"""Writes docs/conformance.md: what judged this emulator, what came out, what may not be claimed.

    tools/conformance/report.py [JUNIT.xml] [-o FILE]

Figures are read from the pages that their makers keep (suites, moo, silicon, ring0-guests, clocks, matrix,
fault-sweep, segmentation), test counts from the report of a whole `meson test`. A page that is not there leaves a
line that says so. Peers' figures: peers.csv.
"""
import csv
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

top = pathlib.Path(__file__).resolve().parents[2]
docs = top / "docs"
missing = "not measured in this tree"


def page(name):
    path = docs / name
    return path.read_text() if path.exists() else ""


def section(text, heading):
    found = re.search(rf"^#+ {re.escape(heading)}.*?\n(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    return found[1] if found else ""


def table(text):
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[c.strip() for c in row.strip("|").split("|")] for row in rows[2:]]


def first(pattern, text, default=missing):
    found = re.search(pattern, text, re.M)
    return found[1].strip() if found else default


def junit(path):
    """[(suite, cases, failed, skipped)], folded by the executable's name."""
    suites = []
    for suite in xml.parse(path).getroot().iter("testsuite"):
        name = suite.get("name").split(":")[-1].strip()
        count = [int(suite.get(k) or 0) for k in ("tests", "failures", "skipped")]
        count[1] += int(suite.get("errors") or 0)
        suites.append([name] + count)
    return sorted(suites)


def put_table(out, header, rows):
    out.append("| " + " | ".join(header) + " |")
    out.append("|" + "---|" * len(header))
    out.extend("| " + " | ".join(str(c) for c in row) + " |" for row in rows)
    out.append("")


def judges(out):
    out += ["## The judges", ""]
    put_table(out, ["judge", "kind", "decides", "may not be claimed from it"], [
        ["the 1986 manual, as tables and models in the tests", "specification, read by this project",
         "everything that it says", "that a chip does so: the manual has misprints, and the reading is our own"],
        ["host processor in ring 3", "silicon, but of a later generation",
         "ring-3 segmentation, arithmetic, faults, restart",
         "80386 behaviour where later processors changed; anything of ring 0, gates, tasks, V86"],
        ["80286 single-step set, 386EX sample", "silicon, recorded by others",
         "real mode; flags on the part that was recorded",
         "the full 386EX set: only its sample of 500 cases can be had here; protected mode"],
        ["test386.asm", "test program checked by its authors against 80386 systems",
         "real, protected and V86 mode, tasks, undefined flags", "that what it does not ask is right"],
        ["kvm-unit-tests realmode", "test program made for hypervisors", "real mode",
         "anything about an 80386 that a later processor does otherwise"],
        ["own ring-0 guests", "specification, read by this project",
         "gates, tasks, V86, double faults, debug traps", "independence: expectations are ours, with their citation"],
        ["Bochs, QEMU", "peers", "nothing; a difference is a question",
         "that agreement is exactness: both have measured errors"],
        ["capstone", "peer (disassembler)", "lengths and names of encodings",
         "legality on an 80386: it knows later processors"],
    ])


def public_suites(out):
    suites, moo = page("suites.md"), page("moo.md")
    peers = {row["suite"]: row for row in csv.DictReader((top / "tools/conformance/peers.csv").open())}
    rows = []
    for rom in table(section(suites, "test386.asm")) or []:
        kind = "undefined behaviour" if "undefined" in rom[0] else "128 KB" if "128" in rom[0] else "64 KB"
        peer = peers["test386 " + kind]
        rows.append([f"test386, {rom[0]}", f"{rom[1]}; {rom[2]}", peer["bochs"], peer["qemu"]])
    rows.append(["test386, EE listing", first(r"(44,926 of 44,926) lines", suites) + " lines",
                 peers["test386 EE listing"]["bochs"], peers["test386 EE listing"]["qemu"]])
    kvm = table(section(suites, "kvm-unit-tests"))
    if kvm:
        rest = sum(int(r[0]) for r in kvm[1:])
        rows.append(["kvm-unit-tests realmode", f"{kvm[0][0]} of {int(kvm[0][0]) + rest} reports pass; the other "
                     f"{rest} are named in suites.md", "not run", "not run"])
    for r in table(section(moo, "Results")):
        if len(r) == 8:
            rows.append([f"{r[0]} ({r[1]})", f"{r[3]} of {r[2]} equal in every bit, {r[4]} but for undefined flags, "
                         f"{r[5]} named differences of that processor, {r[6]} failed", "not run", "not run"])
    rows.append(["segment limits and types", "exact against model and silicon",
                 peers["segment limits and types"]["bochs"], peers["segment limits and types"]["qemu"]])
    out += ["## Suites of others, tried and not committed", "",
            "From [suites.md](suites.md) and [moo.md](moo.md). Bochs 2.7 and QEMU 7.2 were run on an x86-64 machine.", ""]
    put_table(out, ["suite", "rt386", "Bochs 2.7", "QEMU 7.2"], rows)


def silicon(out):
    text = section(page("silicon.md"), "Measured")
    out += ["## Silicon", ""]
    if "FIGURES" in text or not text:
        out += [f"Native comparison in ring 3 ([silicon.md](silicon.md)): {missing}.", ""]
    else:
        out += ["Native comparison in ring 3, from [silicon.md](silicon.md); every excuse is a line of "
                "[divergences.md](divergences.md).", "", text.split("Does it see errors?")[0].strip(), ""]
    digests = sorted((top / "traces/silicon").glob("*.txt")) if (top / "traces/silicon").is_dir() else []
    blocks = sum(1 for p in digests for line in p.read_text().splitlines() if re.match(r"(batch|trap) ", line))
    out += [f"Digests of {blocks:,} blocks of 1,024 end states each are replayed by the tests, on any machine.", ""]


def manual(out):
    clocks, matrix = page("clocks.md"), page("matrix.md")
    sweep, segm = page("fault-sweep.md"), page("segmentation.md")
    ring0 = page("ring0-guests.md")
    together = re.search(r"\*\*injected, together\*\* \|(.*)", sweep)
    cells = [c.strip(" *") for c in together[1].split("|")] if together else []
    rows = [
        ["opcode form x mode x exception", first(r"^(\d+ forms, .*holes)\.", matrix), "[matrix.md](matrix.md)"],
        ["fault sweep", f"{cells[0]} rows, {cells[1]} forms, {cells[2]} states, {cells[4]} faults; nothing unexplained"
         if len(cells) > 4 else missing, "[fault-sweep.md](fault-sweep.md)"],
        ["clocks against the book", first(r"^rows +(\d+)", clocks) + " rows: " + first(r"^  exact +(\d+)", clocks) +
         " exact, " + first(r"^  excused by a misprint +(\d+)", clocks) + " excused by a misprint, " +
         first(r"^  different +(\d+)", clocks) + " different", "[clocks.md](clocks.md)"],
    ]
    guests = [r for r in table(ring0.split("\n## ")[0]) if len(r) == 5 and r[2].isdigit()]
    if guests:
        cases, ours = (sum(int(r[i]) for r in guests) for i in (2, 3))
        bochs = sum(int(r[4]) for r in guests if r[4].isdigit())
        rows.append(["own ring-0 guests", f"{len(guests)} guests, {cases} cases, {ours} differ; "
                     f"on Bochs 2.7 {bochs} differ", "[ring0-guests.md](ring0-guests.md)"])
    else:
        rows.append(["own ring-0 guests", missing, "ring0-guests.md"])
    for r in table(section(segm, "How it is checked")):
        rows.append([f"model: {r[0]}", f"{r[1]} cells, all equal", "[segmentation.md](segmentation.md)"])
    out += ["## Manual", ""]
    put_table(out, ["what", "figures", "page"], rows)


def encodings(out):
    out += ["## Encodings", "",
            "Every string of one, two and three bytes in 16- and 32-bit code (33,554,432 of three) agrees with capstone "
            "on\nlegality, length and name, or is in one of two reviewed lists in `tests/cpu/test_bytes3.c`. Run in every "
            "build.", ""]


def tests(out, path):
    out += ["## Tests of this tree", ""]
    if not path:
        out += [f"Counts: {missing}. `meson test -C build`, then `tools/conformance/report.py "
                "build/meson-logs/testlog.junit.xml`.", ""]
        return
    suites = junit(path)
    total = [sum(s[i] for s in suites) for i in (1, 2, 3)]
    put_table(out, ["suite", "cases", "failed", "skipped"], suites + [["**together**"] + total])
    native = {"native / silicon", "native / mmu-native"} - {s[0] for s in suites}
    if native:
        out += [f"Not run for this report, because its machine runs no 32-bit programs: {', '.join(sorted(native))}. "
                "The figures under Silicon are of a machine that does.", ""]


def main():
    args = sys.argv[1:]
    target = docs / "conformance.md"
    if "-o" in args:
        at = args.index("-o")
        target = pathlib.Path(args[at + 1])
        del args[at:at + 2]
    out = ["# Conformance: judge by judge", "", "Made by `tools/conformance/report.py` from the pages named in it; do not "
           "edit. Where judges contradict each other,\n[profile.md](profile.md) says what was chosen.", ""]
    judges(out)
    public_suites(out)
    silicon(out)
    manual(out)
    encodings(out)
    tests(out, args[0] if args else None)
    out += ["## Not to be claimed", "",
            "- \"Cycle-accurate\": clocks are the book's sums; prefetch and the bus are not modelled, wait states, "
            "misalignment and page walks only as flat options.",
            "- \"As an 80386 in everything undefined\": where no measurement of a part is known, ADR 0004 says what is done.",
            "- \"Bug for bug\": errata of steppings are not emulated.",
            "- A percentage over all judges: they are of different kinds and overlap.", ""]
    target.write_text("\n".join(out))
    return 0


sys.exit(main())
