"""Links a PE program and gives its header what GNU ld cannot.

usage: link_pe.py OUTPUT COMMAND ...

Applications made with the vendor's tools have their import address table in a read-only section, so a
loader must bind before it protects; an empty load configuration; no checksum; and no "stripped" bits.
OUTPUT gets the same. The load configuration is found by its bytes, which start.c puts into .rdata.
"""
import struct
import subprocess
import sys

READ_ONLY_DATA = 0x40000040
CHARACTERISTICS = 0x0102  # executable, 32-bit


LOAD_CONFIG = struct.pack("<I68x", 72)  # its size, and zeros


def point_to_load_config(image, optional, header):
    rva, size, raw = struct.unpack_from("<III", image, header + 12)
    at = image.find(LOAD_CONFIG, raw, raw + size)
    if at >= 0:
        struct.pack_into("<II", image, optional + 96 + 8 * 10, rva + at - raw, len(LOAD_CONFIG))


def finish(image):
    pe = struct.unpack_from("<I", image, 0x3C)[0]
    sections, optional_size = struct.unpack_from("<H12xH", image, pe + 6)
    optional = pe + 24
    struct.pack_into("<H", image, pe + 22, CHARACTERISTICS)
    struct.pack_into("<I", image, optional + 64, 0)
    for i in range(sections):
        header = optional + optional_size + 40 * i
        name = image[header:header + 8].rstrip(b"\0")
        if name == b".idata":
            struct.pack_into("<I", image, header + 36, READ_ONLY_DATA)
        elif name == b".rdata":
            point_to_load_config(image, optional, header)


def main():
    output, *command = sys.argv[1:]
    done = subprocess.run(command, check=False)
    if done.returncode != 0:
        return done.returncode
    with open(output, "rb") as f:
        image = bytearray(f.read())
    finish(image)
    with open(output, "wb") as f:
        f.write(image)
    return 0


sys.exit(main())
