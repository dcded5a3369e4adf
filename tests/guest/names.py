"""Writes a header that gives the guest C library's functions names of their own when it is compiled for the host.

usage: names.py CLIB_DEF OUTPUT       name -> g_name, for every export
"""
import re
import sys

with open(sys.argv[1], encoding="ascii") as f:
    names = re.findall(r"^  (\w+) @\d+", f.read(), flags=re.MULTILINE)
with open(sys.argv[2], "w", encoding="ascii") as f:
    for name in names:
        if name not in ("setjmp", "longjmp", "_thread_ptr"):
            f.write(f"#define {name} g_{name}\n")
