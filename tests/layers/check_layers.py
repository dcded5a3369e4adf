#!/usr/bin/env python3
"""Who may include whom: shows that a wrong include does not compile.

usage: check_layers.py SOURCE_ROOT BUILD_ROOT

For each layer that has C files, takes the include directories with which the build really compiles
them (compile_commands.json) and compiles one line of C for each other layer: an include of that
layer's main header. What the table below allows must compile with some of the layer's sets of flags;
the rest must fail with all of them, because the header is not found. Then looks at the #include lines of all sources: no "../", no path but rt386/, no header
name that two layers share. Prints TAP.
"""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# layer: (folder, main header, the layers it may include besides itself)
LAYERS = {
    "api": ("include/rt386", "rt386/rt386.h", []),
    "base": ("emu/base", "fault.h", []),
    "bus": ("emu/bus", "bus.h", ["base"]),
    "mmu": ("emu/mmu", "segm.h", ["base", "bus"]),
    "cpu": ("emu/cpu", "cpu.h", ["base", "bus", "mmu"]),
    "dev": ("emu/dev", "uart.h", ["base", "bus"]),
    "intime": ("emu/intime", "intime.h", ["base"]),
    "loader": ("emu/loader", "image.h", ["base", "api"]),
    "trace": ("emu/trace", "moo.h", ["base", "api"]),
    "machine": ("emu/machine", "machine.h",
                ["api", "base", "bus", "mmu", "cpu", "dev", "intime", "loader", "trace"]),
    "app": ("app", "app.h", ["api"]),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCES = (".c", ".h", ".def", ".inc")


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def report(self, passed, name, why=""):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}")
        for line in [] if passed else why.strip().splitlines():
            print(f"# {line}")

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def sources_under(folder):
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith((".", "build")))
        for name in sorted(files):
            if name.endswith(SOURCES):
                yield os.path.join(where, name)


def include_lines(path):
    with open(path, encoding="utf-8", errors="replace") as text:
        for number, line in enumerate(text, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1), match.group(2)


def include_flags(arguments, directory):
    """The compiler, and every flag that adds a place to look for headers, made absolute."""
    flags = []
    i = 1
    while i < len(arguments):
        word = arguments[i]
        for option in ("-I", "-isystem", "-iquote", "-idirafter", "-include"):
            if word.startswith(option):
                rest = word[len(option):]
                if not rest:
                    i += 1
                    rest = arguments[i]
                flags += [option, os.path.normpath(os.path.join(directory, rest))]
                break
        i += 1
    return tuple(flags)


def compiler_of(arguments):
    """Without a launcher such as ccache in front."""
    launchers = ("ccache", "sccache", "distcc")
    words = [w for w in arguments[:2] if os.path.basename(w) not in launchers]
    return words[0]


def layer_of(path, root):
    relative = os.path.relpath(path, root)
    for layer, (folder, _, _) in LAYERS.items():
        if relative.startswith(folder + os.sep):
            return layer
    return None


def read_build(root, build):
    """{layer: set of (compiler, include flags)} as the build has them."""
    found = {}
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as text:
        commands = json.load(text)
    for entry in commands:
        directory = entry["directory"]
        path = os.path.normpath(os.path.join(directory, entry["file"]))
        layer = layer_of(path, root)
        if not layer or not path.endswith(".c"):
            continue
        # A test may build a layer's source once more, for another kind of machine, with its own flags.
        if entry.get("output", "").startswith("tests/"):
            continue
        arguments = entry.get("arguments") or shlex.split(entry["command"])
        flags = include_flags(arguments, directory)
        found.setdefault(layer, set()).add((compiler_of(arguments), flags))
    return found


def compiles(compiler, flags, header):
    """One line of C in a folder of its own; (compiled, was it that the header was not found, text)."""
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.c")
        with open(probe, "w", encoding="utf-8") as text:
            text.write(f'#include "{header}"\n')
        run = subprocess.run([compiler, "-std=gnu17", *flags, "-fsyntax-only", probe],
                             cwd=folder, capture_output=True, text=True,
                             env={**os.environ, "LC_ALL": "C"}, check=False)
    # It must be this header that is missing: one that is found and then fails is a leak as well.
    missing = any(words in run.stderr for words in
                  (f"error: {header}: No such file", f"error: '{header}' file not found"))
    return run.returncode == 0, missing, run.stderr


def header_exists(root, layer):
    folder, header, _ = LAYERS[layer]
    return header and os.path.exists(os.path.join(root, folder, os.path.basename(header)))


def judge(flag_sets, header, wanted):
    """(passed, why not) for one header and all flag sets of a layer."""
    why = ""
    for compiler, flags in sorted(flag_sets):
        done, missing, text = compiles(compiler, flags, header)
        if wanted and done:
            return True, ""
        if not wanted and not missing:
            return False, f"the build lets it: {' '.join(flags)}\n{text}"
        why = text
    return not wanted, why


def check_matrix(tap, root, build):
    found = read_build(root, build)
    jobs = []
    for layer, (folder, _, allowed) in LAYERS.items():
        has_code = any(p.endswith(".c") for p in sources_under(os.path.join(root, folder)))
        if not has_code:
            print(f"# {folder} has no C file: it includes nothing")
            continue
        tap.report(layer in found, f"{folder} is part of the build",
                   "no file of it in compile_commands.json")
        for other in LAYERS:
            if not header_exists(root, other):
                continue
            if found.get(layer):
                jobs.append((layer, LAYERS[other][1], other == layer or other in allowed))
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda j: judge(found[j[0]], j[1], j[2]), jobs))
    for (layer, header, wanted), (passed, why) in zip(jobs, verdicts):
        tap.report(passed, f"{layer} {'may' if wanted else 'cannot'} include {header}", why)


def check_public_headers(tap, root):
    """Each public header compiles alone and reaches nothing outside include/."""
    folder = os.path.join(root, "include", "rt386")
    for path in sources_under(folder):
        if path.endswith(".h"):
            header = "rt386/" + os.path.relpath(path, folder)
            flags = ("-I", os.path.join(root, "include"))
            done, _, text = compiles(os.environ.get("CC", "cc"), flags, header)
            tap.report(done, f"{header} compiles alone", text)


def check_paths(tap, root):
    up, nested = [], []
    for top in ("include", "emu", "app", "tests", "tools", "bench"):
        for path in sources_under(os.path.join(root, top)):
            for number, quote, name in include_lines(path):
                place = f"{os.path.relpath(path, root)}:{number}: {name}"
                if ".." in name.split("/"):
                    up.append(place)
                elif "/" in name and quote == '"' and not name.startswith("rt386/"):
                    nested.append(place)
    tap.report(not up, 'no include goes through "../"', "\n".join(up))
    tap.report(not nested, "own headers are included by bare name or as rt386/", "\n".join(nested))


def check_unique_names(tap, root):
    """A bare name must mean one file, or the order of directories would decide."""
    owners = {}
    for layer, (folder, _, _) in LAYERS.items():
        if layer == "api":
            continue
        for path in sources_under(os.path.join(root, folder)):
            if not path.endswith(".c"):
                owners.setdefault(os.path.basename(path), []).append(layer)
    shared = [f"{name}: {', '.join(who)}" for name, who in sorted(owners.items()) if len(who) > 1]
    tap.report(not shared, "no header name belongs to two layers", "\n".join(shared))


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: check_layers.py SOURCE_ROOT BUILD_ROOT")
    root, build = (os.path.realpath(a) for a in sys.argv[1:])
    tap = Tap()
    check_matrix(tap, root, build)
    check_public_headers(tap, root)
    check_paths(tap, root)
    check_unique_names(tap, root)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
