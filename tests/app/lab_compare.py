#!/usr/bin/env python3
"""Whether two PNG files show the same: lab_compare.py ONE OTHER. Pixels may differ by a little, and a few by more."""
import struct
import sys
import zlib

NEAR = 24  # of 255, in each colour: letters drawn by another version of the same font library
SHARE = 0.004  # of all pixels may be farther
TILE = 32  # of a square of so many pixels a side, at most
TILE_FAR = 30  # a digit that is another one has about 35


def pixels(path):
    """Width, height and rows of RGB bytes of an 8-bit RGB file without interlace."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        sys.exit(f"{path}: no PNG file")
    at, packed, size = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            size = struct.unpack(">IIBBBBB", body)
        if kind == b"IDAT":
            packed += body
        at += 12 + length
    width, height, depth, colour, _, _, interlace = size
    if (depth, colour, interlace) != (8, 2, 0):
        sys.exit(f"{path}: no 8-bit RGB without interlace")
    raw, row = zlib.decompress(packed), 3 * width + 1
    if any(raw[y * row] for y in range(height)):
        sys.exit(f"{path}: filtered; the lab writes rows as they are")
    return width, height, b"".join(raw[y * row + 1 : (y + 1) * row] for y in range(height))


def main():
    one, other = pixels(sys.argv[1]), pixels(sys.argv[2])
    if one[:2] != other[:2]:
        sys.exit(f"{one[0]}x{one[1]} and {other[0]}x{other[1]}")
    far = {i // 3 for i, (a, b) in enumerate(zip(one[2], other[2])) if a != b and abs(a - b) > NEAR}
    count = one[0] * one[1]
    if len(far) > SHARE * count:
        first = min(far)
        sys.exit(f"{len(far)} of {count} pixels differ, the first at {first % one[0]},{first // one[0]}")
    tiles = {}
    for i in far:
        tile = (i % one[0] // TILE, i // one[0] // TILE)
        tiles[tile] = tiles.get(tile, 0) + 1
    worst = max(tiles, key=tiles.get, default=None)
    if worst and tiles[worst] > TILE_FAR:
        sys.exit(f"{tiles[worst]} pixels differ in the square at {worst[0] * TILE},{worst[1] * TILE}")


if __name__ == "__main__":
    main()
