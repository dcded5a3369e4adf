"""Turns the lessons' texts, guest images and the guests' sources into one C source.

usage: embed.py OUTPUT FILE ...
"""
import os
import sys


def main():
    output, *paths = sys.argv[1:]
    text = ['#include "lesson_data.h"', ""]
    table = []
    for number, path in enumerate(sorted(paths, key=os.path.basename)):
        with open(path, "rb") as f:
            data = f.read()
        text.append(f"static const unsigned char file{number}[] = {{")
        for at in range(0, len(data), 16):
            text.append("    " + ", ".join(str(b) for b in data[at:at + 16]) + ",")
        text.append("};")
        table.append(f'    {{"{os.path.basename(path)}", file{number}, sizeof file{number}}},')
    text += ["const struct lesson_file lesson_files[] = {", *table, "    {NULL, NULL, 0},", "};"]
    with open(output, "w", encoding="ascii") as f:
        f.write("\n".join(text) + "\n")


main()
