"""Checks what rt386 trace convert has written: reads it by the rules of its format, and compares it with
rt386 trace cat --json of the same trace.

usage: convert.py FORMAT ITEMS.jsonl OUTPUT [SIDE]

ITEMS.jsonl is the whole of trace cat --json. Prints what was compared; status 1 and the first difference otherwise.
"""
import json
import re
import sys

GPR = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"]


class Wrong(Exception):
    pass


def need(good, *what):
    if not good:
        raise Wrong(" ".join(str(w) for w in what))


def number(text):
    return int(text, 16)


class Access:
    def __init__(self, memory):
        self.write = memory["access"] == "write"
        self.linear = number(memory["linear"])
        self.physical = number(memory["physical"])
        self.size = memory["size"]
        self.value = number(memory["value"])


def items(path):
    """Each item; an instruction has `accesses`, an item of memory that no instruction takes comes as "loose"."""
    pending = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            item = json.loads(line)
            kind = item["kind"]
            if kind == "mem":
                pending.append(Access(item["memory"]))
                continue
            if kind in ("field", "event", "call", "process"):
                for access in pending:
                    yield {"kind": "loose", "access": access}
                pending = []
            if kind == "insn":
                item["accesses"] = pending + [Access(m) for m in item["memory"]]
                item["at"] = number(item["linear"])
                item["code"] = bytes.fromhex(item["bytes"].replace(" ", ""))
                pending = []
            yield item
    for access in pending:
        yield {"kind": "loose", "access": access}


def as_logged(path):
    """The items in the order of QEMU's and Bochs' logs: an instruction INT n before its event. An instruction that is
    refused, which a trace has not, comes as "refused" before its first event."""
    held, refused = [], False
    for item in items(path):
        kind = item["kind"]
        if kind == "event" and item["source"] == "s":
            held.append(item)
            continue
        if kind == "event":
            if item["source"] == "f" and not refused:
                yield {"kind": "refused"}
            refused = True
            yield from held
            held = []
        if kind == "insn" or (kind == "field" and item["field"] == "eip"):
            refused = False
        if kind == "insn":
            item["events"], held = held, []
        yield item


def lines_of(path):
    with open(path, encoding="latin-1") as file:
        for line in file:
            yield line.rstrip("\n")


def instructions(path):
    return (i for i in items(path) if i["kind"] == "insn")


def execlog(source, output):
    count = 0
    shape = re.compile(r'(\d+), 0x([0-9a-f]+), 0x([0-9a-f]+), "([^"]*)"(.*)$')
    lines = lines_of(output)
    for i in instructions(source):
        line = next(lines, None)
        m = shape.match(line or "")
        need(m, "line", count + 1, "is no execlog line:", line)
        need(number(m[2]) == i["at"], "line", count + 1, "address", m[2], "not", i["linear"])
        need(number(m[3]) == int.from_bytes(i["code"][:4], "little"), "line", count + 1, "opcode", m[3])
        need(m[4] == i["text"], "line", count + 1, "text", m[4], "not", i["text"])
        memory = re.findall(r", (load|store), 0x([0-9a-f]{8}), RAM", m[5])
        changed = {n: number(v) for n, v in re.findall(r", (\w+) -> 0x([0-9a-f]{8})", m[5])}
        want = [("store" if a.write else "load", a.physical) for a in i["accesses"]]
        need([(k, number(a)) for k, a in memory] == want, "line", count + 1, "memory", memory)
        need(changed == {n: number(v) for n, v in i["changed"].items() if n != "eip"}, "line", count + 1, changed)
        count += 1
    need(next(lines, None) is None, "more lines than instructions")
    return f"{count} instructions"


def lackey(source, output):
    lines = lines_of(output)
    count = data = 0

    def line_is(pattern):
        line = next(lines, None)
        m = re.match(pattern + r"$", line or "")
        need(m, "no line", pattern, "but", line)
        return m

    def take(accesses):
        nonlocal data
        left = list(accesses)
        while left:
            a = left.pop(0)
            m = line_is(r" ([LSM]) ([0-9a-f]+),(\d+)")
            need((number(m[2]), int(m[3])) == (a.linear, a.size), "access", m[0], "not", hex(a.linear))
            if m[1] == "M":
                b = left.pop(0)
                need(not a.write and b.write and (a.linear, a.size) == (b.linear, b.size), "modify", m[0])
            else:
                need((m[1] == "S") == a.write, "access", m[0])
            data += 1

    for i in items(source):
        if i["kind"] == "loose":
            take([i["access"]])
        if i["kind"] == "insn":
            m = line_is(r"I  ([0-9a-f]+),(\d+)")
            need((number(m[1]), int(m[2])) == (i["at"], len(i["code"])), "instruction", m[0], "not", i["linear"])
            take(i["accesses"])
            count += 1
    need(next(lines, None) is None, "more lines than items")
    return f"{count} instructions, {data} lines of data"


class Registers:
    """The state as the items tell it, from the first one on."""

    def __init__(self):
        self.value = {}

    def see(self, item):
        if item["kind"] == "field":
            self.value[item["field"]] = number(item["after"])
        if item["kind"] == "insn":
            for name, value in item["changed"].items():
                self.value[name] = number(value)

    def agrees(self, name, value):
        """True too when the items have not said yet; then that is what it is."""
        return self.value.setdefault(name, value) == value


def memory_bytes(accesses):
    return [(a.write, a.linear, a.value.to_bytes(a.size, "little").hex()) for a in accesses]


def tenet(source, output, side):
    lines = lines_of(output)
    state, shown, accesses = Registers(), {}, []
    count = 0
    selectors = {}
    for line in lines_of(side):
        m = re.match(r"(\d+) (es|cs|ss|ds|fs|gs) ([0-9a-f]{4}) base ([0-9a-f]{8}) limit ([0-9a-f]{8}) "
                     r"access ([0-9a-f]{2}) flags ([0-9a-f])$", line)
        need(m, "side file:", line)
        selectors.setdefault(int(m[1]), []).append(m)

    def read(eip):
        nonlocal count
        line = next(lines, None)
        need(line is not None, "the output ends after line", count)
        memory, pc = [], None
        for part in line.split(","):
            name, value = part.split("=")
            if name in ("mr", "mw"):
                address, data = value.split(":")
                memory.append((name == "mw", number(address), data))
            elif name == "eip":
                pc = number(value)
            else:
                need(name in GPR, "no register:", name)
                shown[name] = number(value)
        need(count or len(shown) == 8, "the first line has not all registers")
        need(pc is not None, "line without eip:", line)
        if eip is not None:
            need(pc == eip, "line", count + 1, "eip", hex(pc), "not", hex(eip))
        need(memory == memory_bytes(accesses), "line", count + 1, "memory", memory, "not", memory_bytes(accesses))
        for name in GPR:
            need(state.agrees(name, shown[name]), "line", count + 1, name, hex(shown[name]))
        for m in selectors.pop(count, []):
            for name, value in ((m[2], m[3]), (m[2] + "_base", m[4]), (m[2] + "_limit", m[5]),
                                (m[2] + "_access", m[6]), (m[2] + "_flags", m[7])):
                need(state.agrees(name, number(value)), "line", count + 1, name, value)
        accesses.clear()
        count += 1

    for i in items(source):
        if i["kind"] == "loose":
            accesses.append(i["access"])
        if i["kind"] == "insn":
            read(i["at"])
            accesses.extend(i["accesses"])
        state.see(i)
    read(None)
    need(next(lines, None) is None, "more lines than instructions")
    need(not selectors, "the side file names lines that are not there")
    return f"{count - 1} instructions"


def qemu(source, output):
    lines = lines_of(output)
    state = Registers()
    count = 0

    def take(pattern):
        line = next(lines, None)
        m = re.match(pattern + "$", line or "")
        need(m, "no line", pattern, "but", line)
        return m

    def register(name, text):
        need(state.agrees(name, number(text)), "behind", count, "instructions:", name, text, "not",
             hex(state.value.get(name, 0)))

    def dump():
        for first in (["eax", "ebx", "ecx", "edx"], ["esi", "edi", "ebp", "esp"]):
            m = take(" ".join(f"{n.upper()}=([0-9a-f]{{8}})" for n in first))
            for name, text in zip(first, m.groups()):
                register(name, text)
        m = take(r"EIP=([0-9a-f]{8}) EFL=([0-9a-f]{8}) \[([-D][-O][-S][-Z][-A][-P][-C])\] CPL=([0-3]) II=[01] A20=1 SMM=0 HLT=0")
        register("eip", m[1])
        register("eflags", m[2])
        register("cpl", m[4])
        flags = number(m[2])
        need([c != "-" for c in m[3]] == [bool(flags >> b & 1) for b in (10, 11, 7, 6, 4, 2, 0)], "flags", m[3])
        eip = number(m[1])
        for name in ("es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"):
            m = take(rf"{ {'ldtr': 'LDT'}.get(name, name.upper()):<3}=([0-9a-f]{{4}}) ([0-9a-f]{{8}}) ([0-9a-f]{{8}}) ([0-9a-f]{{8}})"
                     r"(?: DPL=([0-3]) (?:(?:DS  |DS16|CS32|CS16) \[...\]|\S+))?")
            register(name, m[1])
            register(name + "_base", m[2])
            register(name + "_limit", m[3])
            word = number(m[4])
            register(name + "_access", f"{word >> 8 & 0xff:x}")
            register(name + "_flags", f"{word >> 20:x}")
            if name == "cs":
                linear = (number(m[2]) + eip) & 0xffffffff
        for table in ("GDT", "IDT"):
            m = take(table + r"=     ([0-9a-f]{8}) ([0-9a-f]{8})")
            register(table.lower() + "r_base", m[1])
            register(table.lower() + "r_limit", m[2])
        m = take(" ".join(f"CR{n}=([0-9a-f]{{8}})" for n in (0, 2, 3, 4)))
        for name, text in zip(("cr0", "cr2", "cr3", "cr4"), m.groups()):
            register(name, text)
        take(" ".join(f"DR{n}=[0-9a-f]{{8}}" for n in range(4)) + " ")
        take("DR6=[0-9a-f]{8} DR7=[0-9a-f]{8}")
        take("EFER=0{16}")
        return linear

    def found():
        m = take(r"Trace 0: \[([0-9a-f]{8})/([0-9a-f]{8})/([0-9a-f]{8})/0{8}\]")
        linear = dump()
        need(number(m[2]) == linear, "Trace", m[0], "CS base and EIP are not", hex(linear))
        need(number(m[3]) & 3 == state.value["cpl"], "Trace", m[0], "CPL")
        return linear

    def event(i):
        if i["source"] == "x":
            m = take(r"Servicing hardware INT=0x([0-9a-f]{2})")
        m = take(r" *\d+: v=([0-9a-f]{2}) e=([0-9a-f]{4}) i=([01]) cpl=[0-3] IP=[0-9a-f]{4}:[0-9a-f]{8} "
                 r"pc=[0-9a-f]{8} SP=[0-9a-f]{4}:[0-9a-f]{8} (?:CR2|env->regs\[R_EAX\])=[0-9a-f]{8}")
        need(number(m[1]) == i["vector"] and number(m[2]) == number(i.get("error", "0")), "event", m[0])
        dump()

    for i in as_logged(source):
        if i["kind"] == "refused":
            found()
        if i["kind"] == "event":
            event(i)
        if i["kind"] == "insn":
            need(found() == i["at"], "not", i["linear"])
            for e in i["events"]:
                event(e)
            count += 1
        state.see(i)
    need(next(lines, None) is None, "more lines than items")
    return f"{count} instructions"


def bochs(source, output):
    lines = lines_of(output)
    count = 0

    def take(pattern):
        line = next(lines, None)
        m = re.match(pattern + "$", line or "")
        need(m, "no line", pattern, "but", line)
        return m

    def memory(a):
        m = take(r"\[CPU0 (RD|WR)\]: LIN 0x([0-9a-f]{16}) PHY 0x([0-9a-f]{12}) \(len=(\d), WB\): 0x([0-9A-F]+)")
        need((m[1] == "WR", number(m[2]), number(m[3]), int(m[4])) == (a.write, a.linear, a.physical, a.size), m[0])
        need(number(m[5]) == a.value and len(m[5]) == 2 * a.size, m[0])

    def event(i):
        if i["source"] in "ft":
            m = take(r"CPU 0: Exception 0x([0-9a-f]{2}) - \((.*)\) occurred \(error_code=0x([0-9a-f]{4})\)")
            need(number(m[1]) == i["vector"], m[0])
        m = take(r"CPU 0: Interrupt 0x([0-9a-f]{2}) occurred \(error_code=0x([0-9a-f]{4})\)")
        need(number(m[1]) == i["vector"] and number(m[2]) == number(i.get("error", "0")), m[0])

    for i in as_logged(source):
        if i["kind"] == "loose":
            memory(i["access"])
        if i["kind"] == "event":
            event(i)
        if i["kind"] == "insn":
            m = take(r"\(0\)\.\[(\d+)\] \[0x([0-9a-f]{12})\] ([0-9a-f]{4}):([0-9a-f]{16}|[0-9a-f]{4}) "
                     r"\(unk\. ctxt\): (.*?) *; ([0-9a-f]+)")
            need(int(m[1]) == i["insns"] and number(m[2]) == i["at"], m[0])
            need(number(m[3]) == number(i["cs"]) and number(m[4]) == number(i["eip"]), m[0])
            need(m[5] == i["text"] and m[6] == i["code"].hex(), m[0], "not", i["text"])
            for e in i["events"]:
                event(e)
            for a in i["accesses"]:
                memory(a)
            count += 1
    need(next(lines, None) is None, "more lines than items")
    return f"{count} instructions"


class Block:
    """One block of a .trace32 file."""

    def __init__(self, data, at):
        kind, registers, accesses, size = data[at:at + 4]
        need(kind == 0, "block type", kind, "at", at)
        need(not size & 0x70, "reserved bits at", at)
        at += 4
        self.thread = None
        if size & 0x80:
            self.thread, at = int.from_bytes(data[at:at + 4], "little"), at + 4
        self.code, at = data[at:at + (size & 15)], at + (size & 15)
        places, at = data[at:at + registers], at + registers

        def words(n):
            nonlocal at
            values = [int.from_bytes(data[at + 4 * k:at + 4 * k + 4], "little") for k in range(n)]
            at += 4 * n
            return values

        self.changes, place = {}, 0
        for step, value in zip(places, words(registers)):
            place += step
            need(place < 216, "place", place)
            self.changes[place] = value
            place += 1
        flags, at = data[at:at + accesses], at + accesses
        addresses, old = words(accesses), words(accesses)
        new = iter(words(sum(not f & 1 for f in flags)))
        self.memory = [(a, f, o, o if f & 1 else next(new)) for f, a, o in zip(flags, addresses, old)]
        self.end = at


def trace32(source, output):
    with open(output, "rb") as file:
        data = file.read()
    need(data[:4] == b"TRAC", "no magic word")
    size = int.from_bytes(data[4:8], "little")
    head = json.loads(data[8:8 + size])
    need(head["ver"] == 1 and head["arch"] == "x86", "head", head)
    at, count, since = 8 + size, 0, 0
    place, state, thread = {}, Registers(), None
    for i in items(source):
        if i["kind"] == "insn":
            need(at < len(data), "the file ends after", count, "instructions")
            block = Block(data, at)
            at = block.end
            need(block.code == i["code"], "instruction", count, "bytes", block.code.hex())
            since = 0 if len(block.changes) == 216 else since + 1
            need(since < 512 and (count or not since), "too few blocks with all registers")
            if block.thread is not None:
                thread = block.thread
            place.update(block.changes)
            need(place[8] == i["at"], "instruction", count, "address", hex(place[8]))
            for n, name in enumerate(GPR):
                need(state.agrees(name, place[n]), "instruction", count, name, hex(place[n]))
            need(state.agrees("eflags", place[9]), "instruction", count, "eflags", hex(place[9]))
            need([b for b in (place[144].to_bytes(4, "little") + place[145].to_bytes(4, "little") +
                              place[146].to_bytes(4, "little")[:1])] ==
                 [place[9] >> b & 1 for b in (0, 2, 4, 6, 7, 8, 9, 10, 11)], "flags at", count)
            for n, (low, high) in enumerate((("gs", "fs"), ("es", "ds"), ("cs", "ss"))):
                need(state.agrees(low, place[10 + n] & 0xffff) and state.agrees(high, place[10 + n] >> 16), "selectors")
            need(state.agrees("tr", thread), "instruction", count, "thread", thread)
            need([(a, bool(f & 4), bool(f & 2), v) for a, f, _, v in block.memory] ==
                 [(a.linear, a.write, not a.write, a.value) for a in i["accesses"]], "instruction", count, "memory")
            count += 1
        state.see(i)
    need(at == len(data), "bytes behind the last block")
    return f"{count} instructions"


def callgrind(source, output):
    sums, listed, totals = None, None, None
    calls, fn, names = 0, None, set()
    inside = False
    for line in lines_of(output):
        m = re.match(r"events: (.*)", line)
        if m:
            listed = m[1].split()
            sums = [0] * len(listed)
        elif line.startswith("totals:"):
            totals = [int(v) for v in line.split()[1:]]
        elif line.startswith("fn="):
            fn = line[3:]
            names.add(fn)
        elif line.startswith("calls="):
            need(re.match(r"calls=\d+ 0x[0-9a-f]+$", line), line)
            calls += 1
            inside = True
        elif re.match(r"0x[0-9a-f]+ ", line):
            need(fn is not None, "a cost of no function:", line)
            cost = [int(v) for v in line.split()[1:]]
            need(len(cost) == len(listed), line)
            if not inside:
                sums = [a + b for a, b in zip(sums, cost)]
            inside = False
    want = dict.fromkeys(listed, 0)
    for i in items(source):
        if i["kind"] == "insn":
            want["Ir"] += 1
            for a in i["accesses"]:
                want["Dw" if a.write else "Dr"] += 1
        want["Sl"] += i["kind"] == "load"
        want["Gf"] += i["kind"] == "event" and i["source"] == "f"
        want["Sc"] += i["kind"] == "call" and not i["leaving"]
    need(sums == totals, "totals", totals, "but the lines give", sums)
    need(dict(zip(listed, totals)) == want, "totals", totals, "not", want)
    need(names, "no functions")
    return f"{len(names)} functions, {calls} calls, {want}"


class Tables:
    """What is written into GDT, LDT and IDT, worked out from the items: (table, key, bytes known behind it)."""

    def __init__(self):
        self.state, self.known = Registers(), {}

    def spans(self):
        v = self.state.value
        if not v.get("cr0", 0) & 1:
            return
        for name, key, least in (("GDT", "gdtr", True), ("LDT", "ldtr", v.get("ldtr_usable")), ("IDT", "idtr", True)):
            if least and f"{key}_base" in v:
                yield name, v[f"{key}_base"], v[f"{key}_limit"]

    def access(self, a):
        told = []
        for name, base, limit in self.spans() if a.write else ():
            data = {a.linear + k: b for k, b in enumerate(a.value.to_bytes(a.size, "little"))}
            for index in sorted({(at - base) // 8 for at in data if 0 <= at - base <= limit}):
                if 8 * index + 7 > limit:
                    continue
                at = base + 8 * index
                entry = self.known.setdefault(at, [None] * 8)
                for k in range(8):
                    entry[k] = data.get(at + k, entry[k])
                key = index if name == "IDT" else 8 * index + (4 if name == "LDT" else 0)
                told.append((name, key, list(entry)))
        return told

    def see(self, i):
        if i["kind"] == "loose":
            return self.access(i["access"])
        told = []
        if i["kind"] == "insn":
            for a in i["accesses"]:
                told += self.access(a)
        self.state.see(i)
        if i["kind"] == "table":
            entry = list(bytes.fromhex(i["after"]))
            self.known[number(i["linear"])] = entry
            told.append(("GDT", number(i["selector"]), list(entry)))
        if i["kind"] == "load" and "descriptor" in i:
            self.known[number(i["descriptor_at"])] = list(bytes.fromhex(i["descriptor"]))
        return told


def perfetto(source, output):
    with open(output, encoding="utf-8") as file:
        events = json.load(file)["traceEvents"]
    depth, waits, flows, kinds = {}, {}, {}, {}
    runs, written = 0, []
    for e in events:
        kinds[e["ph"]] = kinds.get(e["ph"], 0) + 1
        track = (e["pid"], e["tid"])
        if e["ph"] == "i":
            need(e["s"] in "gpt", "scope of an instant", e)
            need((e["cat"] == "table") == (track == (0, 1)), "the track of the tables", e)
        if e["ph"] == "i" and e["cat"] == "table":
            m = re.match(r"([GLI]DT) 0x([0-9a-f]+) (made|changed|given back|written)$", e["name"])
            need(m, "name of a descriptor's instant", e)
            entry = [None if b == "??" else number(b) for b in e["args"]["after"].split(" ")]
            need(len(entry) == 8 and len(e["args"]["before"].split(" ")) == 8, e)
            need(("text" in e["args"]) == (None not in entry), "text", e)
            written.append((m[1], number(m[2]), entry))
            kinds["i"] -= 1
        if e["ph"] in "BE":
            depth[track] = depth.get(track, 0) + (1 if e["ph"] == "B" else -1)
            need(0 <= depth[track] <= 1, "slices do not nest", e)
        if e["ph"] in "be":
            need((e["ph"] == "b") == (e["id"] not in waits), "wait", e)
            waits.setdefault(e["id"], e["ts"])
            need(e["ts"] >= waits[e["id"]], "a wait ends before it begins", e)
        if e["ph"] in "sf":
            need((e["ph"] == "s") == (e["id"] not in flows), "flow", e)
            flows[e["id"]] = track
        if e["ph"] == "X":
            need(e["ts"] >= runs - 0.0015, "the CPU's slices overlap", e)
            runs = e["ts"] + e["dur"]
    need(not any(depth.values()), "slices that do not end")
    calls = waiting = faults = 0
    tables, want = Tables(), []
    for i in items(source):
        want += tables.see(i)
        calls += i["kind"] == "call" and not i["leaving"]
        waiting += i["kind"] == "call" and i["leaving"] and i["blocked"]
        faults += i["kind"] == "event"
    need((kinds.get("B", 0), kinds.get("b", 0), kinds.get("i", 0)) == (calls, waiting, faults), kinds, calls, waiting)
    need(written == want, len(written), "descriptors written, not", len(want))
    return f"{calls} calls, {waiting} waits, {kinds.get('s', 0)} flows, {faults} events, {len(want)} descriptors written"


def known_bytes(dword):
    """Its four bytes from a number, or from 32 digits with x; None: not known."""
    digits = f"{dword:032b}" if isinstance(dword, int) else dword
    part = [digits[24 - 8 * k:32 - 8 * k] for k in range(4)]
    return [None if "x" in p else int(p, 2) for p in part]


def vcd(source, output):
    names, widths, value, changes = {}, {}, {}, 0
    time, seen, writes = -1, [], []
    body = False
    for line in lines_of(output):
        if not body:
            m = re.match(r"\$var wire (\d+) (\S) (\w+)(?: \[\d+:0\])? \$end$", line)
            if m:
                names[m[2]], widths[m[3]] = m[3], int(m[1])
            body = line == "$enddefinitions $end"
            continue
        if line.startswith("#"):
            need(int(line[1:]) > time, "time goes back:", line)
            time = int(line[1:])
        elif line[0] in "01b":
            m = re.match(r"(?:b([01x]+) |([01]))(\S)$", line)
            need(m and m[3] in names, "no value:", line)
            name = names[m[3]]
            bits = m[1] or m[2]
            need(len(bits) <= widths[name], line)
            value[name] = int(bits, 2) if "x" not in bits else bits.rjust(widths[name], "x" if bits[0] == "x" else "0")
            changes += 1
            seen.append((name, value[name]))
            if seen[-1] == ("desc_write", 1):
                writes.append((value["desc_table"], value["desc_entry"], known_bytes(value["desc_low"]) + known_bytes(value["desc_high"])))
        else:
            need(line in ("$dumpvars", "$end"), line)
    want = {}
    shown = {n: n for n in widths}
    shown.update({"thread": "tr", "pe": "cr0", "pg": "cr0", "if": "eflags"})
    history = []
    vectors = 0
    tables, entries = Tables(), []
    for i in items(source):
        entries += [("GDT LDT IDT".split().index(name), key, data) for name, key, data in tables.see(i)]
        if i["kind"] == "field" or (i["kind"] == "insn" and "eflags" in i["changed"]):
            name = i["field"] if i["kind"] == "field" else "eflags"
            new = number(i["after"] if i["kind"] == "field" else i["changed"]["eflags"])
            for signal, register in shown.items():
                if register == name:
                    shift = {"pg": 31, "if": 9}.get(signal, 0)
                    v = new >> shift & ((1 << widths[signal]) - 1)
                    if want.get(signal) != v:
                        history.append((signal, v))
                    want[signal] = v
        vectors += i["kind"] == "event"
    for name, v in want.items():
        need(value[name] == v, name, "ends as", hex(value[name]), "not", hex(v))
    need(sum(s == ("fault", 1) for s in seen) == vectors, "pulses of fault")
    for name in ("cs", "ss", "cpl", "tr"):
        steps, told = [v for n, v in seen if n == name], [v for n, v in history if n == name]
        need(told in (steps, steps[1:]), name, "changes", len(steps) - 1, "times, not", len(told))
    need(writes == entries, len(writes), "descriptors written, not", len(entries))
    return f"{changes} changes, {vectors} pulses, {len(writes)} descriptors written"


def main():
    kind, *files = sys.argv[1:]
    try:
        print({"bochs": bochs, "callgrind": callgrind, "execlog": execlog, "lackey": lackey, "perfetto": perfetto,
               "qemu": qemu, "tenet": tenet, "trace32": trace32, "vcd": vcd}[kind](*files))
    except Wrong as wrong:
        print(f"{kind}: {wrong}")
        sys.exit(1)


main()
