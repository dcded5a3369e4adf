"""Makes the definition of an import library from that of the exports: import by ordinal only.

usage: import_def.py DEF OUTPUT
"""
import re
import sys

with open(sys.argv[1], encoding="ascii") as f:
    text = re.sub(r"(@\d+)[ \t]*$", r"\1 NONAME", f.read(), flags=re.MULTILINE)
with open(sys.argv[2], "w", encoding="ascii") as f:
    f.write(text)
