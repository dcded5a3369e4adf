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


def main():
    kind, *files = sys.argv[1:]
    try:
        print({"execlog": execlog, "lackey": lackey, "tenet": tenet}[kind](*files))
    except Wrong as wrong:
        print(f"{kind}: {wrong}")
        sys.exit(1)


main()
