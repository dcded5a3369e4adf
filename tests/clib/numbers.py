"""Compares what a guest makes of random doubles with the host's C library; TAP on standard output.

usage: numbers.py RT386 GUEST [COUNT [SEED]]

printf, strtod and scanf must agree to the last digit; functions within one unit of the last place, two where the host's
own are off by more than one (log10 of glibc; tests/guest/test_math.c holds ours to 0.51), sqrt, fmod, floor and fma exactly.
"""
import math
import struct
import subprocess
import sys

FUNCTIONS = [("sin", math.sin, 1), ("cos", math.cos, 1), ("tan", math.tan, 1), ("atan", math.atan, 1), ("exp", math.exp, 1),
             ("log", lambda y: math.log(abs(y)), 1), ("log10", lambda y: math.log10(abs(y)), 2),
             ("sqrt", lambda y: math.sqrt(abs(y)), 0), ("pow", lambda y: math.pow(abs(y), y), 1),
             ("sinh", math.sinh, 2), ("tanh", math.tanh, 2), ("cbrt", None, 2)]


def of_bits(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def order(value):
    """Neighbouring doubles have neighbouring numbers."""
    bits = struct.unpack(">q", struct.pack(">d", value))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def host(function, argument):
    try:
        return function(argument)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def hexadecimal(x):
    """As C's %a: no zeros at the end of the fraction."""
    if math.isinf(x):
        return "-inf" if x < 0 else "inf"
    head, exponent = x.hex().split("p")
    head = head.rstrip("0").rstrip(".") if "." in head else head
    head = {"0x": "0x0", "-0x": "-0x0"}.get(head, head)
    return f"{head}p{exponent}"


def rest_of_square(y):
    """y * |y| less what a double holds of it, rounded once. The product itself is the coprocessor's: to 64 bits first."""
    n, d = y.as_integer_ratio()
    n, d = n * n, d * d
    shift = max(0, n.bit_length() - 64)
    whole, part, half = n >> shift, n & ((1 << shift) - 1), 1 << shift >> 1
    whole += part > half or (part == half and shift > 0 and whole & 1)
    m, e = ((whole << shift) / d).as_integer_ratio() # whole numbers are divided exactly
    return math.copysign(1, y) * ((n * e - m * d) / (d * e))


def wrong_in(line):
    words = line.split()
    x, p = of_bits(words[0]), int(words[2])
    small = x if abs(x) < 1e30 else 0.0
    want = ["%.17g" % x, words[2], "%.*e" % (p, x), "%.*f" % (p, small), "%.*g" % (p, x)]
    if words[1:6] != want:
        return f"{words[1:6]} instead of {want}"
    if abs(x) >= 2.3e-308 and words[6] != hexadecimal(x):
        return f"{words[6]} instead of {hexadecimal(x)}"
    y, results = of_bits(words[7]), [of_bits(w) for w in words[8:]]
    for (name, function, most), got in zip(FUNCTIONS, results):
        if function is None:
            function = lambda v: math.copysign(abs(v) ** (1 / 3), v)
        expected = host(function, y)
        if not (math.isnan(got) and math.isnan(expected)) and abs(order(got) - order(expected)) > most:
            return f"{name}({y.hex()}) is {got.hex()}, the host has {expected.hex()}"
    for name, function, most, got in [("erf", math.erf, 2, results[15]), ("erfc", math.erfc, 4, results[16]),
                                      ("tgamma", math.gamma, 20, results[17])]: # the host's own is no closer
        expected = host(function, y)
        if not (math.isnan(got) and math.isnan(expected)) and abs(order(got) - order(expected)) > most:
            return f"{name}({y.hex()}) is {got.hex()}, the host has {expected.hex()}"
    rest = rest_of_square(y)
    if results[18] != rest:
        return f"what {y.hex()} squared lacks: {results[18].hex()} instead of {rest.hex()}"
    exact = [host(lambda v: math.fmod(v, y), x), float(math.floor(x)) if math.isfinite(x) else x]
    if math.isfinite(x) and results[12:14] != exact:
        return f"fmod, floor of {x.hex()}: {results[12:14]} instead of {exact}"
    return None


def main():
    rt386, guest = sys.argv[1:3]
    count, seed = (sys.argv[3:] + ["400", "1"][len(sys.argv) - 3:])[:2]
    done = subprocess.run([rt386, "run", "--quiet", guest, "--", count, seed], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    bad = [f"{line.split()[0]}: {why}" for line in lines[:-1] if (why := wrong_in(line))]
    enough = len(lines) > int(count) * 0.9
    print(f"{'ok' if done.returncode == 0 and lines and lines[-1] == '0 wrong' else 'not ok'} 1 - printed and read again")
    print(f"{'ok' if enough and not bad else 'not ok'} 2 - {len(lines) - 1} numbers as on the host")
    for line in bad[:10] or ([] if enough else [done.stderr[:500]]):
        print(f"# {line}")
    print("1..2")


main()
