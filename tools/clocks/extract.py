#!/usr/bin/env python3
"""The clock counts of the manual's chapter 17 as data.

    extract.py MANUAL.txt                  prints book.csv
    extract.py --check MANUAL.txt BOOK.csv SWITCH.csv
                                           compares both tables with the manual's text

The manual is not part of the project; its text (386intel.txt, code page 437) is read where it is at hand.
Only numbers, encodings and operand names are taken over. Columns, separated by semicolons:

    section   the manual's page
    opcode    as printed, but for the misprints that `note` names
    mnemonic, operands
    case      which of several outcomes of the encoding the row is about (see CASES)
    reg, mem  counts for a register or no ModR/M operand, and for a ModR/M memory operand: sums of numbers
              and products of m components of the next instruction, n iterations, bits or levels,
              x parameters, ts a task switch; a..b is a range; a:b:c are counts by the number of CR0, 2, 3
    pm_reg, pm_mem   the same in protected mode, where it is printed
    checked   protected mode with CPL > IOPL, and V86 mode
    no        count of a condition that is not met
    note      a misprint or a trait of the line, see docs/clocks.md
"""
import re
import sys

FIELDS = ["section", "opcode", "mnemonic", "operands", "case", "reg", "mem", "pm_reg", "pm_mem",
          "checked", "no", "note"]

TITLE = re.compile(r"^([A-Z][A-Za-z0-9/, ]*?) +── ")
HEADER = re.compile(r"^Opcode +Instruction +Clocks")
# An encoding starts a row. The text has the letter O for a zero twice, F13 for FB, and one lost opcode.
CODE = re.compile(r"^((?:OF|F13|[0-9A-F]{2})(?=\s)(?:\s+(?:OF|[0-9A-F]{2}(?=\s)|/\d|/r|\+ ?/?r[bwd]?|"
                  r"ib|iw|id|cb|cw/cd|cw|cd|cp))*|[0-9A-F]{2}\s?\+\s?/?r[bwd]?)?"
                  r"\s+([A-Z]{2,}\S*)(.*)$")
LOST_OPCODE = re.compile(r"\s+DEC r/m32")

# A phrase of the description tells which outcome a row is about; the first match counts.
CASES = [
    ("no parameters", "gate-inner"), ("x parameters", "gate-args"), ("gate, same", "gate-same"),
    ("call gate, same", "gate-same"), ("ia task gate", "task-gate"), ("task state segment", "task"),
    ("to task", "task-both"), ("from V86 mode", "from-v86"), ("to V86 mode", "to-v86"),
    ("different task", "task-return"), ("lesser privilege", "outer"), ("more privilege", "inner"),
    ("Protected Mode, same", "same"), ("page granular", "pages"), ("byte granular", "bytes"),
]

# What the text misprints: (mnemonic, opcode, operands) as printed -> (opcode as it must be, name)
OPCODES = {
    ("CLTS", "OF 06", ""): ("0F 06", "letter-o"),
    ("PUSH", "OF A8", "GS"): ("0F A8", "letter-o"),
    ("STI", "F13", ""): ("FB", "opcode-sti"),
    ("DEC", "", "r/m32"): ("FF /1", "opcode-dec"),
    ("INC", "FF /6", "r/m32"): ("FF /0", "opcode-inc"),
    ("MOV", "8D /r", "Sreg,r/m16"): ("8E /r", "opcode-mov-sreg"),
}
NOTES = {
    "INC": "inc-blank", "STR": "str-as-ltr", "XCHG": "one-of-two", "WAIT": "minimum",
    "LLDT": "one-count", "IDIV": "one-count", "BSF": "one-count", "BSR": "one-count",
}


def table_lines(lines, at):
    out = []
    for line in lines[at:]:
        if TITLE.match(line) or re.match(r"(Operation|Flags Affected|Description|Notes|NOTE|───)", line):
            break
        if line.strip():
            out.append(line)
    return out


def rows_of(lines, at):
    """Encoding and the rest, joined over continuation lines."""
    rows = []
    for line in table_lines(lines, at):
        m = CODE.match(line)
        indent = len(line) - len(line.lstrip())
        if m and (m.group(1) or LOST_OPCODE.match(line)) and indent < 11:
            rows.append([re.sub(r"\s+", " ", m.group(1) or ""), m.group(2) + m.group(3)])
        elif rows:
            rows[-1][1] += "   " + line.strip()
    return rows


def tables(lines):
    """(section, rows). The heading of one table, XLAT, is missing: it starts below its title."""
    section = headed = None
    for i, line in enumerate(lines):
        title = TITLE.match(line)
        if title:
            section, headed = title.group(1).strip(), False
            if section.startswith("XLAT"):
                yield section, rows_of(lines, i + 1)
        elif HEADER.match(line) and section and not headed:
            headed = True
            yield section, rows_of(lines, i + 1)


def number(text):
    text = text.strip().rstrip("*").replace(" ", "").replace("*(E)CX", "n").replace("*N", "n")
    text = text.replace("min.", "").replace("-", "..") if "(" not in text else text
    return "11+4n" if text == "15+4(n-1)" else text


def has_modrm(operands):
    return "r/m" in operands or re.search(r"(^|,)m(\d|$)", operands) is not None


def counts(row, text):
    """The printed clock entry, taken apart."""
    pair = ["", ""]
    if "Fail" in text:  # INTO
        row["reg"], row["no"] = re.search(r"Pass:(\d+)", text).group(1), "3"
        return
    repeated = re.findall(r"(\d+\+\d+)\*\(E\)CX", text)
    if len(repeated) == 3:  # REP INS, REP OUTS
        row["reg"], row["pm_reg"], row["checked"] = (r + "n" for r in repeated)
        return
    if row["operands"] == "CR0/CR2/CR3,r32":
        row["reg"] = text.replace("/", ":")
        return
    parts = [p for p in re.split(r",", text) if p]
    if text == "7+m,10+m":  # JMP r/m32: a comma for the slash
        parts = ["7+m/10+m"]
    for part in parts:
        protected = re.match(r"pm?=", part)
        part = re.sub(r"^pm?=", "", part)
        if "**" in part:
            row["pm_reg"], row["checked"] = (number(p) for p in part.split("/"))
            continue
        if protected is None and row["reg"]:
            row["no"] = number(part)
            continue
        pair = [number(p) for p in part.split("/")]
        if len(pair) == 1:
            pair = pair * 2 if row["modrm"] == "both" else pair + [""] if row["modrm"] == "" else ["", pair[0]]
        where = "pm_" if protected else ""
        row[where + "reg"], row[where + "mem"] = pair


def parse(section, opcode, rest):
    row = dict.fromkeys(FIELDS, "")
    m = re.match(r"(\S+(?: (?:INS|OUTS|MOVS|CMPS|SCAS|STOS)\b)?) ?(\S.*?)?(?:\s{2,}(.*))?$", rest)
    head, operands, tail = m.group(1), m.group(2) or "", m.group(3) or ""
    if re.match(r"\s", rest[len(head):len(head) + 1] or " ") and rest[len(head):len(head) + 2] == "  ":
        operands, tail = "", rest[len(head):].strip()
    row.update(section=section, mnemonic=head, operands=operands.replace(", ", ","))
    clocks = re.match(r"(Fail:.*?Pass:\d+|\d+\+\d+\*\(E\)CX,.*V86|6 min\.|5 \+ ts|\S+)", tail)
    entry = clocks.group(1) if clocks else ""
    if "(E)CX," in tail:
        entry = tail
    if not re.match(r"[\d5pFt]", entry):
        entry = ""
    if entry == "ts" or re.match(r"[0-9pF]", entry):
        description = tail[len(entry):] if "(E)CX," not in tail else tail
    else:
        description, entry = tail, ""
    description = re.sub(r"\s+", " ", description)
    row["case"] = next((c for phrase, c in CASES if phrase in description
                        and section in ("CALL", "JMP", "RET", "INT/INTO", "IRET/IRETD", "LSL")), "")
    row["opcode"], row["note"] = OPCODES.get((head, opcode, operands), (opcode, ""))
    memory = has_modrm(row["operands"]) and not re.match(r"(REP|MOVS |CMPS|LODS|STOS|SCAS|INS|OUTS|XLAT|MOVS$)",
                                                        head + " ")
    row["modrm"] = "" if not memory else "both" if "r/m" in row["operands"] else "mem"
    if head == "XCHG" and row["operands"].startswith("r/m"):
        row["modrm"] = ""  # the line with the operands exchanged prints both counts
    counts(row, entry)
    if not row["note"] or head == "INC":
        single = head in ("XCHG", "BSF", "BSR", "IDIV", "LLDT")
        if not single or (memory and "/" not in entry):
            row["note"] = " ".join(filter(None, [row["note"], NOTES.get(head, "")]))
    return row


def book(path):
    text = open(path, encoding="utf-8", errors="replace").read()
    lines = [x.rstrip().replace("\t", " ") for x in text.split("\n")]
    first = next(i for i, x in enumerate(lines) if x.startswith("AAA ── "))
    lines = lines[first:]
    return [parse(section, *row) for section, rows in tables(lines) for row in rows], lines


def switches(lines):
    """The task switch times of CALL, INT, IRET and JMP, in the order of the text."""
    found, section = {}, None
    for line in lines:
        title = TITLE.match(line)
        if title:
            section = title.group(1)
        values = re.match(r"(?:386|286|TSS)(?: +VM=[01]| *VM=[01])?((?: +\d{3})+)$", line)
        if values and section in ("CALL", "INT/INTO", "IRET/IRETD", "JMP"):
            found.setdefault(section, []).append(values.group(1).split())
    return found


def check_switches(lines, path):
    want = {}
    for entry in open(path).read().split("\n")[1:]:
        if entry:
            section, old, new, gate, clocks = entry.split(";")
            want.setdefault((section, old), []).append(clocks)
    printed = switches(lines)
    bad = 0
    for section, rows in printed.items():
        ours = [v for k, v in want.items() if k[0] == section]
        rows = rows[:len(ours)] if section == "CALL" else rows  # printed twice
        if rows != ours:
            bad += 1
            print("switch times of", section, "differ:", rows, ours)
    return bad


def to_text(rows):
    return "\n".join([";".join(FIELDS)] + [";".join(r[f] for f in FIELDS) for r in rows]) + "\n"


def main():
    check = sys.argv[1] == "--check"
    rows, lines = book(sys.argv[2 if check else 1])
    text = to_text(rows)
    if not check:
        sys.stdout.write(text)
        return 0
    ours = open(sys.argv[3]).read().split("\n")
    bad = [(a, b) for a, b in zip(text.split("\n"), ours) if a != b]
    for a, b in bad:
        print("text:", a, "\ndata:", b)
    wrong = check_switches(lines, sys.argv[4])
    print(f"{len(rows)} rows in {len({r['section'] for r in rows})} tables, {len(bad)} differ; "
          f"{wrong} tables of switch times differ")
    return 1 if bad or wrong or len(ours) != len(text.split("\n")) else 0


sys.exit(main())
