#!/usr/bin/env python3
"""Writes docs/intime-coverage.md: every INtime call with its status codes and what triggers them.

    tools/intime/coverage.py            writes the page
    tools/intime/coverage.py --check    fails when the page is not what would be written

Sources: emu/intime/rtcalls.def (calls, codes, pages), tests/intime/test_status*.c (WANT and HANDLER rows, run against the
kernel alone) and guest/conformance/*.c and guest/rsl/*.c (FAILS, FAILED and GIVES lines, run on the machine as .rta and
.elf).
"""
import pathlib
import re
import sys

top = pathlib.Path(__file__).resolve().parents[2]
page = top / "docs/intime-coverage.md"
BASES = ("documented", "inferred", "decided")
# Documented codes that no guest can bring about, and why.
NO_GUEST = {("WaitForRtIoService", "E_TIME"): "both services are there from the start (ADR 0044)",
            ("SyncLocalRtClock", "E_CONTEXT"): "the host serves the node from the start (ADR 0044)"}
# Codes that a page names and no row of rtcalls.def has, because nothing here can bring them about.
CANNOT = {"SendRtShortDataMessage E_BUSY": "the page calls it an error inside of INtime; the queue here is never in that state",
          "RegisterRtSponsor E_INTERNAL_ERROR": "the loss of the kernel that the sponsor is registered at: there is one, and the caller runs on it",
          "DeliverStatus E_EXIST, E_TYPE": "the port of a transaction is in the kernel's records (ADR 0046)",
          "EnterServiceRegion E_NUC_BAD_BUF": "it is about a parameter that the call does not have (ADR 0046)",
          "GetRemoteRootRtProcess E_RESOURCE_LIMIT, E_MEM, E_SLOT": "the root process of the only node has a handle: nothing is made (ADR 0046)",
          "DeleteRtReferenceObject E_RESOURCE_LIMIT": "no other node has to be told (ADR 0046)"}
# Documented calls that no library here exports, and why.
NOT_THERE = {
    "FindFirstRtFile, FindNextRtFile, FindRtFileClose": "the shared folder never lists names: their number and order are the host's (ADR 0047)",
    "GetRtFileAttributes, SetRtFileAttributes, GetRtFileInfoByHandle, SetRtFileInfoByHandle, SetRtFileTime":
        "a guest sees no times or attributes of the host's files (ADR 0047)",
    "GetPciInterruptLevel": "no page has it: the help's name is PciGetInterruptLevel, which is in pcibus and tested (guest pci_bus)",
    "iwin32 (RtCreateTimer, CreateEvent, ...)": "a library of its own on top of the calls above; programs bring it along as iwin32.lib",
    "USB, multiprocess HPE": "calls of processes that are not part of the kernel"}
# What is there and always refuses.
REFUSES = {
    "CreateGlobalRtMemoryHandle, CreateGlobalRtMemoryHandle64, CreateGlobalRtMemoryObject": "E_NOT_CONFIGURED: what they make is memory of "
        "another node of the same host, and there is one node; for its own a process has CreateRtMemoryHandle and MapRtPhysicalMemory (ADR 0046)",
    "data chains in calls of ports and services": "E_PARAM: no page gives the layout of a chain's entries (ADR 0046)"}
# Functions of the C library that the help lists and clib.rsl does not have.
NO_CLIB = {
    "findfirst, findnext, findclose": "as FindFirstRtFile: the shared folder never lists names (ADR 0047)",
    "adjtime": "the node's clock has no speed that could be changed, and jumps are settimeofday's",
    "sbrk": "memory comes in pages of the process's pool, wherever there are some: no data segment has an end that could move",
    "fgetln, _get_info, _set_info": "no program that was seen uses them",
    "wide-character and generic text functions (_itow, _tcscpy ...)": "the library is for characters of one byte (ADR 0050)"}


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def arguments(text, at):
    """The arguments of a macro whose '(' stands at `at`, split at commas of its own level; and where it ends."""
    depth, start, found, quoted = 0, at + 1, [], False
    for i in range(at, len(text)):
        c = text[i]
        if c == '"' and text[i - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        if (c == "," and depth == 1) or depth == 0:
            found.append(" ".join(text[start:i].split()))
            start = i + 1
        if depth == 0:
            return found, i + 1
    raise ValueError("a macro does not end")


def uses(text, macro):
    for found in re.finditer(rf"\b{macro}\(", text):
        yield found.start(), arguments(text, found.end() - 1)[0]


def codes(st):
    return [c for c in re.findall(r"\w+", st)[1:] if c != "0"]


class Call:
    def __init__(self, kind, name, documented=(), own=(), where="-"):
        self.kind, self.name, self.where = kind, name, where
        self.documented, self.own = list(documented), list(own)
        self.host, self.guest = set(), {}
        self.bases = dict.fromkeys(BASES, 0)


def calls():
    text = without_comments((top / "emu/intime/rtcalls.def").read_text())
    found = {}
    for _, a in uses(text, "RT_CALL"):
        found[a[2]] = Call(a[0], a[2], codes(a[6]), codes(a[7]), a[8].strip('"'))
    return found


def host_tests(found):
    files = sorted((top / "tests/intime").glob("test_status*.c"))
    text = "\n".join(without_comments(path.read_text()) for path in files)
    for _, a in [*uses(text, "WANT"), *uses(text, "HANDLER")]:
        name = a[1].strip('"')
        if name in found:
            found[name].host.add(a[0])
    for name, status in re.findall(r'mark\(seen, fake_row\("(\w+)"\), (\w+)\)', text):
        found[name].host.add(status)


def function_at(text, at):
    """Name of the C function that holds the position."""
    heads = [m for m in re.finditer(r"^[\w ]+?\*?(\w+)\([^;{]*\)\n\{", text[:at], re.M)]
    return heads[-1][1] if heads else ""


def guest_tests(found):
    """Adds what the guests trigger; the lines whose basis cannot be."""
    wrong = []
    for path in sorted([*(top / "guest/conformance").glob("*.c"), *(top / "guest/rsl").glob("*.c")]):
        text = without_comments(path.read_text())
        for macro in ("FAILS", "FAILED", "GIVES"):
            for at, a in uses(text, macro):
                name = a[1].split("(")[0].strip()
                if name not in found:
                    continue
                status = {"FAILS": a[3], "FAILED": a[-2], "GIVES": "E_OK"}[macro]
                if status == "status": # an argument of the function
                    passed = re.findall(rf"\b{function_at(text, at)}\(t, (E\w+)\)", text)
                else: # one, or that of the memory model
                    passed = re.findall(r"\bEH?_\w+", status)
                basis = a[-1].lower()
                wrong += [f"{path.name}: {name} {s} is called documented, but its page does not list it"
                          for s in passed if basis == "documented" and s not in found[name].documented + ["E_OK"]]
                found[name].bases[basis] += 1
                for s in passed:
                    found[name].guest.setdefault(s, basis)
    return wrong


def without_reason(found):
    """Documented codes that no guest triggers although no reason stands in NO_GUEST, and reasons for nothing."""
    missing = {(c.name, s) for c in found.values() for s in c.documented if s not in c.guest and c.kind in ("RSL", "INNER")}
    return [f"{name} {s}: no guest triggers it" for name, s in sorted(missing - set(NO_GUEST))] + \
           [f"{name} {s}: a guest triggers it, or it is not documented" for name, s in sorted(set(NO_GUEST) - missing)]


def marked(call, names):
    out = []
    for name in names:
        marks = ("h" if name in call.host else "") + ("g" if name in call.guest else "")
        out.append(f"{name} {marks}" if marks else f"**{name}**")
    return ", ".join(out) if out else "–"


def row(call):
    bases = " ".join(str(call.bases[b]) for b in BASES)
    return (f"| {call.name} | {call.where} | {marked(call, ['E_OK'])} | {marked(call, call.documented)} | "
            f"{marked(call, call.own)} | {bases} |")


def sockets(found):
    """The calls of netlib and what belongs to them: errors are an errno, so they have no row above."""
    host = "".join(without_comments(p.read_text()) for p in sorted((top / "tests/intime").glob("test_net*.c")))
    guest = without_comments((top / "guest/conformance/sockets.c").read_text())
    out = ["", "## Sockets", "",
           "Calls of netlib (class NET) and what clib has for sockets; they fail with an errno (ADR 0064). Counted: calls in "
           "`tests/intime/test_net*.c`, and in the program `guest/conformance/sockets.c`.", "",
           "| call | help page | kernel alone | guest program |", "|---|---|---|---|"]
    for call in found.values():
        if call.kind == "NET" or call.name in ("clib_ioctl", "clib_select"):
            name = call.name.removeprefix("clib_")
            alone, program = re.findall(rf'"{call.name}"', host), re.findall(rf"\b{name}\(", guest)
            out.append(f"| {name} | {call.where} | {len(alone)} | {len(program)} |")
    return out


def write(found):
    rsl = [c for c in found.values() if c.kind in ("RSL", "INNER")]
    pairs = [(c, s) for c in rsl for s in ["E_OK"] + c.documented + c.own]
    paper = [(c, s) for c in rsl for s in c.documented]
    total = {b: sum(c.bases[b] for c in rsl) for b in BASES}
    out = ["# INtime calls: status codes and their tests", "",
           "Written by `tools/intime/coverage.py`; the test `intime_coverage` holds it to the sources.", "",
           f"- calls: {len(rsl)}; documented ones that are not there are named at the end",
           f"- status codes that the help pages document: {len(paper)}; triggered against the kernel alone: "
           f"{sum(s in c.host for c, s in paper)}; by a guest program on the machine: "
           f"{sum(s in c.guest for c, s in paper)}",
           f"- with the codes that ADRs add, and success: {len(pairs)}; {sum(s in c.host for c, s in pairs)} and "
           f"{sum(s in c.guest for c, s in pairs)}",
           f"- assertions of the guest programs on calls: {total['documented']} documented, {total['inferred']} inferred, "
           f"{total['decided']} decided", "",
           "Marks: h = a row of `tests/intime/test_status*.c`; g = a line of a program in `guest/conformance` (which runs as .rta "
           "and as .elf) or `guest/rsl`; **bold** = no test triggers it. The last column counts the guest assertions on the call: "
           "documented, inferred, decided (`guest/conformance/tap.h`); what a guest checks of another thread's wait, or of a call whose "
           "result it keeps, is counted where the program says so (FAILED). A line may call a code documented only if the page of the call lists it; "
           "inferred and decided ones may also be about documented codes, in a case that the page leaves open. Nothing here was observed on a real node.", "",
           "| call | help page | success | documented | decided here | assertions |", "|---|---|---|---|---|---|"]
    out += [row(c) for c in rsl]
    out += ["", "## Documented codes without a guest", ""]
    out += [f"- {name} {s}: {why}" for (name, s), why in NO_GUEST.items()]
    out += ["", "## Documented codes that cannot occur here", ""]
    out += [f"- {codes}: {why}" for codes, why in CANNOT.items()]
    out += sockets(found)
    out += ["", "## Not there", "", "What the help documents and no library here exports: a call stops the run with its name "
            "(`--on-missing`).", ""]
    out += [f"- {names}: {why}" for names, why in NOT_THERE.items()]
    out += ["", "There, but always refused:", ""]
    out += [f"- {names}: {why}" for names, why in REFUSES.items()]
    out += ["", "Functions of the C library that the help lists and `clib.rsl` does not have:", ""]
    out += [f"- {names}: {why}" for names, why in NO_CLIB.items()]
    return "\n".join(out) + "\n"


def main():
    found = calls()
    host_tests(found)
    wrong = guest_tests(found) + without_reason(found)
    for line in wrong:
        print(line)
    if wrong:
        return 1
    text = write(found)
    if "--check" not in sys.argv:
        page.write_text(text)
        return 0
    if page.exists() and page.read_text() == text:
        return 0
    print("docs/intime-coverage.md is not current: run tools/intime/coverage.py")
    return 1


sys.exit(main())
