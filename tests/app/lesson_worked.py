"""lesson_worked.py RT386 TEXTS: answers worked out by hand, from the wording of a question alone, against those of the machine. TAP.

For each question that varies: a pattern for what varies in its text, and either a table of answers or the arithmetic that
gives them. Besides: no such question has one answer for all seeds, and every sum in an explanation is right.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

RT, TEXTS = sys.argv[1], sys.argv[2]
SEEDS, SLOW = range(1, 41), {"15-intime": range(1, 13)}
ANY = ("#UD", "0x7ff3", "A", "34 12 34 12 34 f2 40 12", "B A")  # whatever kind it is, one of them can be read
HEX = r"0x([0-9a-f]+)"


def num(text):
    return int(text, 16)


def gp(selector):
    return f"#GP 0x{selector & 0xfffc:04x}"


def ends(limit, first=0):
    """An access of four bytes at an offset from `first` up to `limit`."""
    return lambda o: "#GP 0x0000" if not first <= num(o) <= limit - 3 else "none"


def base_of(text):
    b = [num(x) for x in text.split()]
    return b[7] << 24 | b[4] << 16 | b[3] << 8 | b[2]


def gate_offset(text):
    b = [num(x) for x in text.split()]
    return b[7] << 24 | b[6] << 16 | b[1] << 8 | b[0]


def built(dpl, base, limit):
    """Data, writable, upwards, 32 bits, present."""
    d, b, field = int(dpl), num(base), num(limit)
    return " ".join(f"{x:02x}" for x in (field & 0xff, field >> 8 & 0xff, b & 0xff, b >> 8 & 0xff, b >> 16 & 0xff,
                                         0x92 | d << 5, 0x40 | field >> 16, b >> 24))


def down(selector, offset):
    last = 0xffffffff if selector == "0028" else 0xffff
    return "none" if 0xfff < num(offset) <= last else "#GP 0x0000"


def three_faults(limit, access, selector):
    gate13 = num(limit) >= 14 * 8 - 1 and num(access) >> 7
    return 1 if gate13 else 2 if num(selector) == 8 else 3


def shadow(access, selector):
    s = num(selector)
    return {"f2": "none", "f0": "none", "72": f"#NP 0x{s & 0xfffc:04x}"}.get(access, gp(s))


def changed_load(loaded, memory):
    return "none" if num(loaded) == num(memory) else gp(num(loaded))


PUSHED = ["SS of the program", "ESP of the program", "EFLAGS", "CS of the program"]
BYTES = r"((?:[0-9a-f]{2} ){7}[0-9a-f]{2})"
NAMES = f"{HEX} names"
WITH = f"with (?:AX = )?{HEX}"
EVERY = "none: every"

# One answer whatever is drawn.
SAME = {
    "04-caches loaded.1"}  # that is the lesson: an access does not look at the table
WORKED = {
    ("01-selectors", "parts.1"): (f"loaded with {HEX}", lambda s: num(s) >> 3),
    ("01-selectors", "parts.2"): (r"entry (\d+) of the GDT with an RPL of (\d)", lambda i, r: int(i) * 8 + int(r)),
    ("01-selectors", "load.1"): (NAMES, lambda s: 0x100078 + (num(s) & 0xfff8)),
    ("01-selectors", "load.2"): (BYTES, base_of),
    ("01-selectors", "local.1"): (NAMES, lambda s: 0x1000b0 + (num(s) & 0xfff8)),
    ("01-selectors", "local.2"): (WITH, {
        "0004": 0x130000, "000c": 0x138000, "0014": 0x13c000, "0018": 0x120000, "0020": 0x124000}),
    ("01-selectors", "edge.1"): (f"holds {HEX}", {
        "0038": "#GP 0x0038", "0039": "#GP 0x0038", "003a": "#GP 0x0038", "003b": "#GP 0x0038", "0043": "#GP 0x0040",
        "001c": "#GP 0x001c", "001f": "#GP 0x001c", "0018": "none", "0023": "none"}),
    ("01-selectors", "edge.2"): (f"holds {HEX}", {
        "0038": "SEGM_TABLE_GDT", "0040": "SEGM_TABLE_GDT", "0018": EVERY, "0030": "SEGM_DATA_PRESENT",
        "000b": "SEGM_DATA_DPL_RPL", "001c": "SEGM_TABLE_LDT", "0023": EVERY}),
    ("01-selectors", "null.1"): (WITH, {
        "0000": "none", "0001": "none", "0002": "none", "0003": "none", "0004": "none", "0038": "#GP 0x0038"}),
    ("01-selectors", "null.2"): (WITH, {
        "0000": "#GP 0x0000", "0003": "#GP 0x0000", "0004": "none", "0018": "none", "0020": "none"}),
    ("02-descriptors", "bytes.1"): (BYTES, base_of),
    ("02-descriptors", "bytes.2"): (
        f"`{HEX}` `{HEX}`", lambda h, w: num(h) & 0xff000000 | (num(h) & 0xff) << 16 | num(w) >> 16),
    ("02-descriptors", "limit.1"): (rf"{HEX}, its G bit is (\d)", lambda f, g: num(f) << 12 | 0xfff if g == "1" else num(f)),
    ("02-descriptors", "limit.2"): (r"of (\d+) bytes", lambda n: int(n) - 1),
    ("02-descriptors", "rights.1"): (f"is {HEX}", lambda a: num(a) >> 5 & 3),
    ("02-descriptors", "rights.2"): (f"is {HEX}", {
        "92": "data that may be written, upwards", "f2": "data that may be written, upwards",
        "90": "data that may only be read", "f0": "data that may only be read",
        "96": "data that may be written, expand-down", "9a": "code that may be read as data",
        "fa": "code that may be read as data", "98": "code that may only be executed",
        "9e": "code that may be read, conforming"}),
    ("02-descriptors", "rights.3"): (rf"DPL (\d); base {HEX}; the last byte is at offset {HEX}", built),
    ("02-descriptors", "system.1"): (BYTES, gate_offset),
    ("02-descriptors", "system.2"): (f"AX is {HEX}", {
        "0020": "none", "0028": "none", "0030": "none", "0038": "#GP 0x0038", "0040": "#GP 0x0040",
        "0048": "#GP 0x0048", "0050": "none"}),
    ("03-protected-mode", "real.1"): (WITH, lambda v: num(v) * 16),
    ("03-protected-mode", "table.1"): (f"`{HEX} {HEX} ", lambda low, high: (num(high) * 256 + num(low) + 1) // 8),
    ("03-protected-mode", "pe.2"): (f"to go to {HEX}", {"0008": "at the offset itself", "0018": "at 0x00007c20"}),
    ("03-protected-mode", "pe.3"): (f"selector {HEX}", {
        "0008": "none", "0010": "#GP 0x0010", "0018": "none", "0020": "#GP 0x0020", "0028": "#GP 0x0028"}),
    ("03-protected-mode", "flat.1"): (WITH, {"0010": 0, "0008": 0, "0018": 0x7c00}),
    ("03-protected-mode", "flat.2"): (WITH, {
        "0010": "none", "0008": "none", "0018": "none", "0020": "#GP 0x0020", "0000": "none", "0014": "#GP 0x0014",
        "0013": "#GP 0x0010"}),
    ("04-caches", "loaded.1"): (HEX, lambda b: 0x200000),
    ("04-caches", "stale.1"): (f"offset {HEX}", lambda o: 0x200000 + num(o)),
    ("04-caches", "reload.1"): (f"is {HEX}", lambda b: num(b) << 16),
    ("04-caches", "reload.2"): (f"is {HEX}", {
        "92": "none", "12": "#NP 0x0018", "90": "none", "98": "#GP 0x0018", "9a": "none"}),
    ("04-caches", "unreal.1"): (
        f"the limit {HEX} .*EBX = {HEX}", lambda limit, o: "#GP" if num(o) > num(limit) else "none"),
    ("04-caches", "unreal.2"): (f"EBX is {HEX}", lambda o: "#GP" if num(o) > 0xffff else "none"),
    ("04-caches", "reload-real.1"): (WITH, lambda v: num(v) * 16),
    ("04-caches", "reload-real.2"): (f"limit {HEX}", num),
    ("05-limits", "bytes.1"): (f"ES:{HEX}", ends(0xfff)),
    ("05-limits", "bytes.2"): (f"to {HEX} before.*ES:{HEX}", lambda limit, o: ends(num(limit))(o)),
    ("05-limits", "error.1"): (r"it is `[^`]*\b(ss|es)\b", {"ss": "#SS 0x0000", "es": "#GP 0x0000"}),
    ("05-limits", "pages.1"): (f"is {HEX}", lambda f: num(f) * 4096 + 4095),
    ("05-limits", "pages.2"): (
        f"field {HEX}.*ES:{HEX}", lambda f, o: "#GP 0x0000" if num(o) > num(f) * 4096 + 4095 else "none"),
    ("05-limits", "down.1"): (f"with {HEX}.*ES:{HEX}", down),
    ("05-limits", "down.2"): (
        rf"field {HEX} and G = (\d)", lambda f, g: (num(f) << 12 | 0xfff if g == "1" else num(f)) + 1),
    ("05-limits", "rights.1"): (
        f"be {HEX} and EBX {HEX}", lambda a, o: ends(0xfff)(o) if a == "93" else "#GP 0x0000"),
    ("06-privilege", "levels.1"): (WITH, {
        "0010": "none", "0011": "#GP 0x0010", "0013": "#GP 0x0010", "0018": "none", "0019": "none",
        "001a": "#GP 0x0018", "001b": "#GP 0x0018", "0020": "none", "0023": "none"}),
    ("06-privilege", "rpl.1"): (
        f"AX = {HEX} and BX = {HEX}", lambda s, c: num(s) & 0xfffc | max(num(s) & 3, num(c) & 3)),
    ("06-privilege", "rpl.2"): (
        f"ES with {HEX}", lambda s: gp(num(s)) if num(s) & 3 > {0x10: 0, 0x18: 1, 0x20: 3}[num(s) & 0xfffc] else "none"),
    ("06-privilege", "down.1"): (WITH, {
        "0010": "SEGM_DATA_DPL_CPL", "0013": "SEGM_DATA_DPL_CPL", "0018": "SEGM_DATA_DPL_CPL",
        "001b": "SEGM_DATA_DPL_CPL", "0020": EVERY, "0023": EVERY, "0028": EVERY, "002b": EVERY,
        "0038": "SEGM_DATA_TYPE"}),
    ("06-privilege", "down.2"): (WITH, {
        "0010": "#GP 0x0010", "0012": "#GP 0x0010", "001b": "#GP 0x0018", "0020": "none", "0021": "none", "0023": "none",
        "002b": "none", "0030": "none", "0033": "none"}),
    ("06-privilege", "stack.1"): (WITH, {
        "0023": "none", "0020": "#GP 0x0020", "0022": "#GP 0x0020", "001b": "#GP 0x0018", "002b": "#GP 0x0028",
        "0013": "#GP 0x0010", "0003": "#GP 0x0000"}),
    ("06-privilege", "stack.2"): (f"to {HEX}", {
        "f2": "none", "72": "#SS 0x0020", "f0": "#GP 0x0020", "fa": "#GP 0x0020", "d2": "#GP 0x0020"}),
    ("06-privilege", "instructions.1"): (r"IOPL is (\d).*`(\w+)`", lambda iopl, insn: "#GP 0x0000" if insn == "hlt" or (
        insn in ("cli", "sti") and iopl == "0") else "none"),
    ("07-ldt", "lldt.1"): (f"selector {HEX}", {
        "0018": "none", "0020": "none", "0028": "#GP 0x0028", "0008": "#GP 0x0008", "001c": "#GP 0x001c",
        "0000": "none", "0030": "#GP 0x0030", "001b": "none"}),
    ("07-ldt", "lldt.2"): (WITH, {"0018": 3, "0020": 2}),
    ("07-ldt", "first.1"): (WITH, {"0004": 0x140000, "000c": 0x148000, "0014": 0x14c000}),
    ("07-ldt", "second.1"): (WITH, {"0004": 0x180000, "000c": 0x188000}),
    ("07-ldt", "second.2"): (WITH, {
        "0004": "none", "000c": "none", "0014": "#GP 0x0014", "001c": "#GP 0x001c", "0005": "#GP 0x0004"}),
    ("07-ldt", "none.1"): (WITH, {
        "0004": "#GP 0x0004", "000c": "#GP 0x000c", "0007": "#GP 0x0004", "0018": "#GP 0x0018", "0028": "none",
        "0010": "none"}),
    ("07-ldt", "none.2"): (WITH, {
        "0004": "SEGM_LDT_NONE", "0028": EVERY, "0018": "SEGM_DATA_TYPE", "002b": "SEGM_DATA_DPL_RPL", "0010": EVERY}),
    ("08-gates", "gate.1"): (f"selector {HEX}", {
        "0030": "none", "0033": "none", "0038": "#GP 0x0038", "003b": "#GP 0x0038", "0008": "#GP 0x0008",
        "0040": "#GP 0x0040", "0048": "#GP 0x0048", "002b": "#GP 0x0028"}),
    ("08-gates", "gate.2"): (BYTES, gate_offset),
    ("08-gates", "stack.2"): (rf"to (\d+)\..*ESP0 = {HEX}", lambda n, esp: num(esp) - (int(n) + 4) * 4),
    ("08-gates", "inside.1"): (r"ESP \+ (\d+)", {
        "0": None, "4": 0x1b, "8": 0x22222222, "12": 0x11111111, "16": None, "20": 0x23}),
    ("08-gates", "return.1"): (f"holds {HEX}", {"0010": 0, "0020": 0x20, "0023": 0x23, "0018": 0x18}),
    ("08-gates", "return.2"): (f"is {HEX}", lambda v: num(v) + 8),
    ("09-interrupts", "idt.1"): (r"int (?:0x)?([0-9a-f]+)`", {
        "30": "none", "31": "none", "32": "#GP 0x0192", "33": "none", "d": "#GP 0x006a", "34": "#GP 0x01a2",
        "40": "#GP 0x0202", "0": "#GP 0x0002"}),
    ("09-interrupts", "idt.2"): (f"changed to {HEX}", {
        "8e": "#GP 0x0182", "ee": "none", "6e": "#NP 0x0182", "ef": "none", "ec": "#GP 0x0182"}),
    ("09-interrupts", "frame.1"): (f"INT {HEX}", {
        "30": PUSHED + ["EIP of the next instruction"], "31": PUSHED + ["EIP of the next instruction"],
        "32": PUSHED + ["EIP of the INT itself", "the error code 0x0192"]}),
    ("09-interrupts", "frame.2"): (f"is {HEX}", lambda v: num(v) - 20),
    ("09-interrupts", "handler.1"): (r"ESP \+ (\d+)", {"0": None, "4": 0x1b, "8": None, "12": None, "16": 0x23}),
    ("09-interrupts", "gates.1"): (rf"IF is (\d).*INT {HEX}", lambda i, n: 0 if n == "30" else int(i)),
    ("09-interrupts", "gates.2"): (f"INT {HEX}, at EIP {HEX}", lambda n, eip: num(eip) + (0 if n == "32" else 2)),
    ("09-interrupts", "errors.1"): (r"ESP \+ (\d+)", {"0": 0x192, "4": None, "8": 0x1b, "16": None, "20": 0x23}),
    ("09-interrupts", "selectors.1"): (WITH, {
        "0033": "#NP 0x0030", "0030": "#NP 0x0030", "0032": "#NP 0x0030", "0010": "#GP 0x0010", "0013": "#GP 0x0010",
        "003b": "#GP 0x0038", "0034": "#GP 0x0034", "002b": "#GP 0x0028", "0023": "none"}),
    ("09-interrupts", "selectors.2"): (WITH, lambda s: f"entry {num(s) >> 3} of the {'LDT' if num(s) & 4 else 'GDT'}"),
    ("09-interrupts", "divide.1"): (
        f"AX = {HEX} and BL = {HEX}", lambda v, d: "#DE" if not num(d) or num(v) // num(d) > 255 else "none"),
    ("10-tasks", "tss.1"): (f"selector {HEX}", {
        "0018": "none", "0020": "none", "0028": "none", "0010": "#GP 0x0010", "0000": "#GP 0x0000", "0030": "#GP 0x0030",
        "001c": "#GP 0x001c", "0038": "#GP 0x0038", "001b": "none"}),
    ("10-tasks", "tss.2"): (r"type (\d+), and LTR", {"9": 11, "1": 3}),
    ("10-tasks", "jump.1"): (f"B is {HEX}", num),
    ("10-tasks", "call.3"): (f"is {HEX}", lambda v: num(v) | 0x4000),
    ("10-tasks", "return.2"): (f"writes {HEX}", {
        "0018": "none", "0020": "#TS 0x0020", "0010": "#TS 0x0010", "0038": "#TS 0x0038", "001c": "#TS 0x001c"}),
    ("10-tasks", "busy.1"): (f"selector {HEX}", {
        "0018": "#GP 0x0018", "0020": "none", "0028": "none", "0030": "none", "0010": "#GP 0x0010",
        "0038": "#GP 0x0038"}),
    ("10-tasks", "busy.2"): (f"jump to {HEX}", {"0020": 0x20, "0028": 0x28, "0030": 0x28}),
    ("11-paging", "linear.1"): (f"ES:{HEX}", lambda o: 0x400000 + num(o)),
    ("11-paging", "walk.1"): (f"ES:{HEX}", lambda o: 0x180000 + num(o)),
    ("11-paging", "walk.2"): (f"address {HEX}", lambda a: num(a) >> 22),
    ("11-paging", "rights.1"): (f"EBX = {HEX}", {
        "0010": "none", "0ff0": "none", "1010": "#PF 0x0007", "1ffc": "#PF 0x0007", "2010": "#PF 0x0006",
        "3010": "#PF 0x0007", "4010": "#GP 0x0000"}),
    ("11-paging", "rights.2"): (f"EBX = {HEX}", lambda o: 0x400000 + num(o)),
    ("11-paging", "order.1"): (f"EBX = {HEX}", {
        "00000000": "#PF 0x0004", "00001000": "#PF 0x0005", "00001ffc": "#PF 0x0005", "00001ffe": "#GP 0x0000",
        "00002000": "#GP 0x0000", "fffff000": "none"}),
    ("12-flat", "flat.1"): (f"value {HEX}", num),
    ("12-flat", "flat.2"): (WITH, {
        "0008": "none", "0010": "none", "0011": "#GP 0x0010", "0013": "#GP 0x0010", "001b": "none", "0020": "none",
        "0023": "none", "0028": "none", "0040": "#GP 0x0040", "0014": "#GP 0x0014"}),
    ("12-flat", "null.1"): (f"EBX = {HEX}", ends(0xffffffff)),
    ("12-flat", "code.1"): (r"executes `([^`]*)`", lambda insn: "#GP 0x0000" if "cs:" in insn else "none"),
    ("12-flat", "thread.1"): (f"base {HEX}.*FS:{HEX}", lambda b, o: num(b) + num(o)),
    ("12-flat", "thread.2"): (f"EBX = {HEX}", ends(0xff)),
    ("12-flat", "wrap.1"): (f"ES:{HEX}", lambda o: 0x100000 + num(o) & 0xffffffff),
    ("12-flat", "bounded.1"): (rf"has (\d+) bytes.*offset {HEX}", lambda n, o: ends(int(n) - 1)(o)),
    ("13-v86", "enter.1"): (f"is {HEX}", lambda v: num(v) * 16),
    ("13-v86", "enter.2"): (f"are {HEX}", lambda f: 3 if num(f) & 0x20000 else 0),
    ("13-v86", "segments.1"): (f"AX = {HEX}", lambda v: num(v) * 16),
    ("13-v86", "segments.2"): (f"ES:{HEX}, with AX still {HEX}", lambda o, v: num(v) * 16 + num(o)),
    ("13-v86", "sensitive.1"): (r"IOPL is (\d).*`(\w+)`", lambda iopl, insn: "none" if insn == "nop" or (
        insn != "hlt" and iopl == "3") else "#GP 0x0000"),
    ("13-v86", "ports.1"): (f"`out {HEX}", lambda p: "#GP 0x0000" if p == "80" else "none"),
    ("13-v86", "leave.2"): (rf"is {HEX}, ES is {HEX}.*ESP \+ (\d+)", lambda d, e, k: num(d if k == "28" else e)),
    ("13-v86", "leave.3"): (f"at EIP {HEX}", num),
    ("14-triple-fault", "first.1"): (f"EBX is {HEX}", ends(0xfff)),
    ("14-triple-fault", "second.1"): (f"gate is {HEX}", {"0e": 11, "8c": 13, "86": 13, "92": 13, "0f": 11}),
    ("14-triple-fault", "third.1"): (f"is {HEX}", {"0040": 13, "0010": 13, "0018": 13, "0000": 13, "0020": 11}),
    ("14-triple-fault", "third.2"): (f"is {HEX}, the selector of gate 8 is {HEX}", {
        ("8e", "0040"): "the handler of #GP", ("8e", "0008"): "the handler of #GP",
        ("0e", "0008"): "the handler of #DF", ("0e", "0040"): "the processor shuts down"}),
    ("14-triple-fault", "method.1"): (f"to {HEX}, .* 13 to {HEX}, .* 8 to {HEX}", three_faults),
    ("15-intime", "process.1"): (f"value {HEX}", lambda o: 0x10000000 + num(o)),
    ("15-intime", "memory.2"): (f"pOffset = {HEX}", lambda o: 0x10000000 + num(o)),
    ("15-intime", "memory.3"): (r"for (\d+) bytes", lambda n: int(n) - 1),
    ("15-intime", "use.1"): (f"ES:{HEX}", ends(0x1001)),
    ("15-intime", "use.2"): (f"to {HEX}.* as {HEX}", shadow),
    ("15-intime", "refused.1"): (f"loads {HEX} into ES; the handle of the memory is {HEX}", changed_load),
    ("15-intime", "thread.2"): (f"with {HEX}: (data.*DPL 3|)", lambda s, kind: "none" if kind else gp(num(s))),
    ("15-intime", "after.1"): (f"ES:{HEX}", ends(0x1001)),
}


def sources():
    """{lesson: {question: it varies}}"""
    found = {}
    for path in sorted(glob.glob(TEXTS + "/*.lesson")):
        asked, step, n, name = found.setdefault(os.path.basename(path)[:-7], {}), "", 0, ""
        for line in open(path, encoding="utf-8"):
            if line.startswith("@step "):
                step, n, name = line.split()[1], 0, ""
            elif line.startswith("@ask "):
                n += 1
                name = f"{step}.{n}"
                asked[name] = False
            elif line.startswith("@vary ") and name:
                asked[name] = True
    return found


def ask(lesson, seed, names):
    """Its questions with what is right, and everything that was printed."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "r.json")
        lines = "".join(f"{name} {answer}\n" for name in names for answer in ANY)
        p = subprocess.run([RT, "lesson", "run", lesson, "--seed", str(seed), "--result", file], input=lines,
                           capture_output=True, text=True, timeout=300)
        return json.load(open(file))["questions"], " ".join(p.stdout.split())


def plain(question):
    """What is right; a choice in its words, as letters are shuffled."""
    right = question.get("correct", "")
    if question["kind"] == "choice":
        return question["choices"][ord(right) - ord("A")]
    if question["kind"] == "order":
        return [question["choices"][ord(c) - ord("A")] for c in right.split()]
    return int(right, 0) if question["kind"] == "number" else right


def worked(lesson, question):
    """(what was seen in the text, the answer worked out); None: nothing was found"""
    pattern, rule = WORKED[lesson, question["id"]]
    m = re.search(pattern, question["text"], re.DOTALL)
    if not m:
        return None
    if callable(rule):
        return m.groups(), rule(*m.groups())
    key = m.groups() if len(m.groups()) > 1 else m.group(1)
    return key, rule.get(key, "not worked out")


def agrees(right, answer):
    return right.startswith(answer) if isinstance(answer, str) and isinstance(right, str) and not answer.startswith("#") else right == answer


def sums(text):
    """The sums that are wrong."""
    wrong = []
    for m in re.finditer(r"(?<![-+] )\b(0x[0-9a-f]+|\d+)( [-+] (?:0x[0-9a-f]+|\d+))+ = (0x[0-9a-f]+|\d+)\b", text):
        left, value = m.group(0).split(" = ")
        words, total = left.split(), 0
        for sign, word in zip(["+"] + words[1::2], words[0::2]):
            total += (1 if sign == "+" else -1) * int(word, 0)
        if (total ^ int(value, 0)) & 0xffffffff:
            wrong.append(m.group(0))
    return wrong


class Tap:
    count = failed = 0

    def check(self, good, name, why=()):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in [] if good else list(why)[:12]:
            print(f"# {line}")


def lesson_of(tap, lesson, names, asked):
    answers, differ, wrong = {}, {}, []
    for questions, text in asked:
        wrong += sums(text)
        for q in questions:
            right = plain(q)
            answers.setdefault(q["id"], set()).add(str(right))
            if (lesson, q["id"]) in WORKED:
                by_hand = worked(lesson, q)
                if not by_hand or by_hand[1] is not None and not agrees(right, by_hand[1]):
                    differ.setdefault(q["id"], []).append(f"{q['text']} machine: {right}, by hand: {by_hand}")
    for name in (n for n in names if (lesson, n) in WORKED):
        tap.check(name in answers and name not in differ, f"{lesson} {name}: worked out by hand", differ.get(name, ["not asked"]))
    tap.check(not wrong, f"{lesson}: the sums in its explanations", wrong)
    for name, varies in names.items():
        if varies:
            tap.check((lesson, name) in WORKED, f"{lesson} {name}: somebody has worked it out by hand")
        if varies and f"{lesson} {name}" not in SAME:
            tap.check(len(answers.get(name, ())) > 1, f"{lesson} {name}: not one answer for all seeds", answers.get(name, ["not asked"]))


def main():
    tap = Tap()
    found = sources()
    tap.check(bool(found), "there are lessons")
    with ThreadPoolExecutor(2) as pool:
        for lesson, names in found.items():
            asked = list(pool.map(lambda seed: ask(lesson, seed, names), SLOW.get(lesson, SEEDS)))
            lesson_of(tap, lesson, names, asked)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


sys.exit(main())
