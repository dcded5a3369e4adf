"""Turns files into a C source with one array and one size each.

usage: embed.py OUTPUT HEADER NAME=FILE ...
"""
import sys


def array(name, data):
    lines = [f"const unsigned char {name}[] = {{"]
    for at in range(0, len(data), 16):
        lines.append("    " + ", ".join(str(b) for b in data[at:at + 16]) + ",")
    lines.append("};")
    lines.append(f"const size_t {name}_size = sizeof {name};")
    return "\n".join(lines)


def main():
    output, header, *parts = sys.argv[1:]
    text = [f'#include "{header}"', ""]
    for part in parts:
        name, path = part.split("=", 1)
        with open(path, "rb") as f:
            text.append(array(name, f.read()))
    with open(output, "w", encoding="ascii") as f:
        f.write("\n".join(text) + "\n")


main()
