"""Looks for instructions that a 386 does not have in guest binaries; TAP on standard output.

usage: scan_386.py OBJDUMP FILE ...

Every mnemonic in an executable section must be in the list of what the 80386 and its coprocessor know.
What is no instruction at all is data. Let through are UD0 and UD2, which guests execute because they are
undefined on every processor, CPUID, which is only reached where EFLAGS says that it exists, and what keeps XMM registers over an
exception, which is only reached where CPUID says so. The
boot sector, a flat file, is not scanned.
"""
import re
import subprocess
import sys

BASE = """
aaa aad aam aas adc add and arpl bound bsf bsr bt btc btr bts call cbtw cwtl cltd cwtd clc cld cli clts cmc cmp
cmps daa das dec div enter hlt idiv imul in inc ins int int3 into iret jcxz jecxz jmp lahf lar lcall lds lea leave
les lfs lgdt lgs lidt ljmp lldt lmsw lods loop loope loopne lret lsl lss ltr mov movs movsb movsw movzb movzw movsx
movzx mul neg nop not or out outs pop popa popf push pusha pushf rcl rcr ret rol ror sahf sal sar sbb scas sgdt
shl shld shr shrd sidt sldt smsw stc std sti stos str sub test verr verw xchg xlat xor fwait
rep repz repnz lock data16 addr16 cs ds es fs gs ss
""".split()
CONDITIONS = "o no b ae e ne be a s ns p np l ge le g z nz c nc nae nb nbe na nge nl ng nle pe po".split()
KNOWN = set(BASE) | {"j" + c for c in CONDITIONS} | {"set" + c for c in CONDITIONS}
FPU = re.compile(r"f(ld|st|add|sub|mul|div|com|ucom|ild|ist|bld|bst|init|ninit|clex|nclex|stcw|nstcw|ldcw|chs|abs|sqrt|"
                 r"rndint|scale|xch|tst|xam|nstsw|stsw|iadd|isub|imul|idiv|icom|free|incstp|decstp|nop|nsave|rstor|"
                 r"prem|2xm1|yl2x|patan|ptan|sin|cos|xtract)\w*$")
NEWER = re.compile(r"^f(comi|ucomi|cmov|isttp)")


LET_THROUGH = ("(bad)", ".byte", "ud0", "ud2", "cpuid", "movups", "stmxcsr", "ldmxcsr")


def allowed(mnemonic, operands):
    if FPU.match(mnemonic) and not NEWER.match(mnemonic):
        return True
    if mnemonic in ("mov", "push", "pop") and re.search(r"%(xmm|mm|ymm|cr4|cr8)", operands):
        return False
    if mnemonic in KNOWN or mnemonic in LET_THROUGH:
        return True
    return mnemonic[-1] in "bwl" and mnemonic[:-1] in KNOWN


def strange(objdump, path):
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", path], check=True, capture_output=True,
                          text=True).stdout
    found = []
    for line in text.splitlines():
        m = re.match(r"\s*([0-9a-f]+):\s+(.+)", line)
        if not m:
            continue
        words = m.group(2).split()
        while words and words[0] in ("rep", "repz", "repnz", "lock", "data16", "cs", "ds", "es", "fs", "gs", "ss"):
            words.pop(0)
        if words and not allowed(words[0], " ".join(words[1:])):
            found.append(f"{m.group(1)}: {' '.join(words)}")
    return found


def main():
    objdump, *files = sys.argv[1:]
    print(f"1..{len(files)}")
    for number, path in enumerate(files, 1):
        found = strange(objdump, path)
        print(f"{'not ' if found else ''}ok {number} - only 386 instructions in {path.rsplit('/', 1)[-1]}")
        for line in found[:20]:
            print(f"# {line}")


main()
