#!/usr/bin/env python3
"""account_json.py RT386 FORMAT.md GUESTS: accounts as JSON, as docs/account-format.md has them. TAP on stdout.

The page is read: its table of steps says which kinds there are and which keys each may have. Every kind has to be seen, in lists of
runs (`run --explain=all --json`) or in accounts (`seg next --json`).
"""
import json
import pathlib
import re
import subprocess
import sys

rt, page, guests = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(), pathlib.Path(sys.argv[3])
count = 0


def verdict(good, name):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")


def rows(heading):
    """The table behind a heading of the page: first column's words and the second column."""
    part = page.split(heading, 1)[1]
    table = re.search(r"\n\|[^\n]*\n\|[ -|]*\n((?:\|[^\n]*\n)+)", part).group(1)
    return [(re.findall(r"`([^`]+)`", a), b) for a, b in re.findall(r"\| (.*?) \| (.*) \|\n", table)]


COMMON = {"step", "cpl", "register", "checks", "fault"}
ELEMENTS = {"EIP", "CS", "EFLAGS", "ESP", "SS", "ES", "DS", "FS", "GS", "error code", "parameter"}
STAGES = re.findall(r"`([^`]+)`", re.search(r"Stages of a task switch[^\n]*", page).group(0))
kinds = {names[0]: words for names, words in rows("## Steps")}
allowed = {}
for kind, words in kinds.items():
    allowed[kind] = COMMON | set(re.findall(r"`([a-z_]+)`", words))
for kind, words in kinds.items():  # "as `memory`"
    for other in re.findall(r"as `([a-z]+)`", words):
        allowed[kind] |= allowed[other]
top = {name for names, _ in rows("# Accounts as JSON") for name in names}
HEX = {4: re.compile(r"0x[0-9a-f]{4}$"), 8: re.compile(r"0x[0-9a-f]{8}$")}
NUMBERS = {"cpl", "vector", "size", "level", "number"}
HEX4 = {"selector", "port", "map_base", "from", "to", "status"}
HEX8 = {"linear", "offset", "value", "descriptor_at", "have", "want", "at", "pde_at", "pde", "pde_after",
        "pte_at", "pte", "pte_after", "physical", "result", "eip"}
PARTS = {"selector", "usable", "base", "limit", "first", "last", "access", "flags"}
NEEDED = {
    "selector": {"selector", "purpose"}, "gate": {"vector", "linear", "checks"},
    "memory": {"access", "size", "offset", "linear", "value", "segment"}, "stack": {"level", "linear"},
    "push": {"element", "access", "size", "offset", "linear", "value", "segment"},
    "target": {"value", "linear", "after"}, "descriptor": {"linear", "before", "after"},
    "register": {"register", "before", "after"}, "task": {"stage", "by", "from", "to"},
    "io map": {"port", "size", "value"}, "port": {"port", "size", "access", "value"}, "fault": {"fault"},
    "delivery": {"vector", "source"}, "call": {"name", "phase", "arguments"},
    "entry": {"selector", "linear", "owner", "before", "after"},
}
wrong = {}


def complain(what):
    wrong[what] = wrong.get(what, 0) + 1


def values(kind, o):
    for key, v in o.items():
        if key in NUMBERS and not isinstance(v, int):
            complain(f"{kind}: {key} is no number: {v!r}")
        if key in HEX4 and not (isinstance(v, str) and HEX[4].match(v)):
            complain(f"{kind}: {key} is no word of 4 digits: {v!r}")
        if key in HEX8 and not (isinstance(v, str) and HEX[8].match(v)):
            complain(f"{kind}: {key} is no word of 8 digits: {v!r}")


def hidden_part(kind, o):
    if set(o) != PARTS or not isinstance(o["usable"], bool):
        complain(f"{kind}: a hidden part has {sorted(o)}")


def the_checks(kind, step):
    failed = [i for i, c in enumerate(step["checks"]) if c["state"] == "failed"]
    for i, c in enumerate(step["checks"]):
        values(kind, c)
        if not {"rule", "section", "state", "have", "want"} <= set(c) <= {"rule", "section", "state", "have", "want", "at"}:
            complain(f"{kind}: a check has {sorted(c)}")
        want = "passed" if not failed or i < failed[0] else "failed" if i == failed[0] else "not reached"
        if c["state"] != want:
            complain(f"{kind}: check {i} of {len(step['checks'])} is {c['state']}, not {want}")
        if not re.match(r"(386|SDM\d?|8259A|UNDOC)", c["section"]):
            complain(f"{kind}: section {c['section']}")


def the_step(step):
    kind = step["step"]
    if kind not in kinds:
        complain(f"kind {kind} is not on the page")
        return kind
    for key in set(step) - allowed[kind]:
        complain(f"{kind}: {key} is not on the page")
    for key in NEEDED[kind] - set(step):
        complain(f"{kind}: {key} is missing")
    values(kind, step)
    if "checks" in step:
        the_checks(kind, step)
    if "fault" in step and "rule" in step["fault"] and "checks" in step and kind != "fault":
        bad = [c["rule"] for c in step["checks"] if c["state"] == "failed"]
        if bad and bad[0] != step["fault"]["rule"]:
            complain(f"{kind}: refused by {step['fault']['rule']}, but {bad[0]} failed")
    if "segment" in step:
        hidden_part(kind, step["segment"])
    if kind in ("register", "target"):
        for key in {"before", "after"} & set(step):
            hidden_part(kind, step[key])
    for p in step.get("pages", []):
        values(kind, p)
    if kind == "push" and step["element"] not in ELEMENTS:
        complain(f"push: element {step['element']}")
    if kind == "task" and step["stage"] not in STAGES:
        complain(f"task: stage {step['stage']}")
    if kind == "task" and step["by"] not in ("jmp", "call", "int", "iret"):
        complain(f"task: by {step['by']}")
    if kind == "delivery" and step["source"] not in "ftsx":
        complain(f"delivery: source {step['source']}")
    return kind


def said(*words):
    return subprocess.run([rt, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120).stdout.decode()


def guest(name):
    return str(next(guests.rglob(name)))


seen, stages = {}, set()


def keep(steps):
    for step in steps:
        kind = the_step(step)
        seen[kind] = seen.get(kind, 0) + 1
        if kind == "task":
            stages.add(step["stage"])


lists = 0
for name in ("ring0_gates.elf", "ring0_tasks.elf", "ring0_paging.elf", "ring0_v86.elf"):
    for line in said("run", "--explain=all", "--json", guest(name)).splitlines():
        record = json.loads(line).get("account")
        if record is None:
            continue
        lists += 1
        for key in set(record) - {"process", "cs", "eip", "bytes", "steps"}:
            complain(f"a list has {key}")
        keep(record["steps"])
verdict(lists > 1000, f"lists of runs: {lists}")

# INtime's call and what it writes are in the account of the kernel's trap.
stop = subprocess.run([rt, "debug", guest("limit.elf")], input=b"b call:CreateRtMemoryHandle\nc\n", stdout=subprocess.PIPE,
                      stderr=subprocess.DEVNULL, timeout=120).stdout.decode()
trap = int(re.findall(r"^\((\d+)", stop, re.M)[-1])
accounts = 0
for n in range(trap - 3, trap + 4):
    text = said("seg", "next", "--json", "--max-insns", str(n), guest("limit.elf"))
    account = json.loads(text)
    accounts += 1
    for key in set(account) - top:
        complain(f"an account has {key}")
    for key in {"schema", "end", "deliveries", "steps", "before", "after"} - set(account):
        complain(f"an account has no {key}")
    if account["schema"] != "rt386-account/1" or account["end"] not in ("retired", "fault", "interrupt", "shutdown", "idle"):
        complain(f"an account is {account['schema']}, {account['end']}")
    for state in ("before", "after"):
        for reg in ("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"):
            hidden_part("account", account[state][reg])
    keep(account["steps"])
verdict(accounts > 0, f"accounts: {accounts}")
for kind in kinds:
    verdict(seen.get(kind, 0) > 0, f"{kind}: {seen.get(kind, 0)} of it")
verdict(len(kinds) == 15, "fifteen kinds on the page")
verdict(set(STAGES) <= stages, f"every stage of a task switch: {sorted(set(STAGES) - stages)}")
for what, n in sorted(wrong.items()):
    print(f"# {n} times: {what}")
verdict(not wrong, "every key and value as the page has it")
print(f"1..{count}")
