"""Looks at the headers of the guest's PE files and at what RtRsl.rsl exports; TAP on standard output.

usage: check_pe.py RTBASE_H CLIB_DEF FILE ...      FILE: .rta or .rsl

The expected values are those measured on real INtime applications (guest/README.md).
"""
import re
import struct
import sys

count = 0


def report(good, name, why=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        print(f"# {why}")


class Pe:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.bytes = f.read()
        self.pe = self.get("<I", 0x3C)
        self.optional = self.pe + 24
        n, size = self.get("<H", self.pe + 6), self.get("<H", self.pe + 20)
        self.sections = []
        for i in range(n):
            at = self.optional + size + 40 * i
            name = self.bytes[at:at + 8].rstrip(b"\0").decode()
            self.sections.append((name, *struct.unpack_from("<IIII", self.bytes, at + 8), self.get("<I", at + 36)))

    def get(self, form, at):
        return struct.unpack_from(form, self.bytes, at)[0]

    def directory(self, index):
        return struct.unpack_from("<II", self.bytes, self.optional + 96 + 8 * index)

    def offset(self, rva):
        for _, _, start, size, raw, _ in self.sections:
            if start <= rva < start + size:
                return raw + rva - start
        raise ValueError(f"RVA {rva:#x} is in no section")

    def text(self, rva):
        at = self.offset(rva)
        return self.bytes[at:self.bytes.index(0, at)].decode()

    def exports(self):
        """(names, ordinals)"""
        at = self.offset(self.directory(0)[0])
        base, functions, names, table, name_table = struct.unpack_from("<IIIII", self.bytes, at + 16)
        name_at = self.offset(name_table) if names else 0
        function_at = self.offset(table)
        found = {self.text(self.get("<I", name_at + 4 * i)) for i in range(names)}
        return found, {base + i for i in range(functions) if self.get("<I", function_at + 4 * i)}

    def relocation_kinds(self):
        rva, size = self.directory(5)
        at, kinds = self.offset(rva) if size else 0, set()
        end = at + size
        while at < end:
            block = self.get("<I", at + 4)
            kinds |= {self.get("<H", at + k) >> 12 for k in range(8, block, 2)}
            at += block
        return kinds


# offset in the optional header, form, value
COMMON = [("magic", 0, "<H", 0x10B), ("section alignment", 32, "<I", 0x1000), ("file alignment", 36, "<I", 0x200),
          ("OS version", 40, "<I", 6), ("image version", 44, "<I", 20053 << 16 | 21076), ("subsystem version", 48, "<I", 6),
          ("subsystem", 68, "<H", 3), ("DLL characteristics", 70, "<H", 0x8140), ("stack reserve", 72, "<I", 0x100000),
          ("stack commit", 76, "<I", 0x1000), ("heap reserve", 80, "<I", 0x100000), ("heap commit", 84, "<I", 0x1000)]


def check_common(pe, name, rows):
    for what, at, form, want in rows:
        got = pe.get(form, pe.optional + at)
        report(got == want, f"{name}: {what}", f"{got:#x}, not {want:#x}")
    report(pe.get("<H", pe.pe + 4) == 0x14C, f"{name}: machine")
    kinds = pe.relocation_kinds()
    report(kinds <= {0, 3}, f"{name}: HIGHLOW relocations only", kinds)


def check_application(pe, name):
    check_common(pe, name, COMMON + [("image base", 28, "<I", 0x400000), ("checksum", 64, "<I", 0)])
    report(pe.get("<H", pe.pe + 22) == 0x0102, f"{name}: characteristics")
    present = {i for i in range(16) if pe.directory(i)[1]}
    report(present == {1, 5, 9, 10, 12}, f"{name}: directories", present)
    iat = pe.directory(12)[0]
    flags = [f for _, size, start, _, _, f in pe.sections if start <= iat < start + size]
    report(flags == [0x40000040], f"{name}: import addresses are read-only", flags)
    index = pe.get("<I", pe.offset(pe.directory(9)[0]) + 8) - 0x400000
    report(pe.get("<I", pe.offset(index)) == 0xFFFFFFFF, f"{name}: TLS index starts as -1")


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        prototypes = set(re.findall(r"RTAPI [\w \n]+?[ *\n]+(\w+)\(", f.read()))
    with open(sys.argv[2], encoding="ascii") as f:
        pairs = re.findall(r"^  (\w+) @(\d+)", f.read(), flags=re.MULTILINE)
        clib_names, ordinals = {name for name, _ in pairs}, {int(n) for _, n in pairs}
    for path in sys.argv[3:]:
        name, pe = path.rsplit("/", 1)[-1], Pe(path)
        if name.endswith(".rta"):
            check_application(pe, name)
            continue
        check_common(pe, name, COMMON)
        names, have = pe.exports()
        if name == "RtRsl.rsl":
            missing = prototypes - names
            report(len(prototypes) > 100 and not missing, f"{name}: exports every call of the headers", missing)
        else:
            report(names == clib_names and have == ordinals, f"{name}: exports its ordinals and names",
                   (names ^ clib_names, have ^ ordinals))
    print(f"1..{count}")


main()
