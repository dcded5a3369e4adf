"""lesson_worked.py RT386 TEXTS: answers worked out by hand, from the wording of a question alone, against those of the machine. TAP.

For each question that varies: a pattern for what varies in its text, and either a table of answers or the arithmetic that
gives them. Besides: no such question has one answer for all seeds, and every sum in an explanation is right.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

RT, TEXTS = sys.argv[1], sys.argv[2]
SEEDS, SLOW = range(1, 41), {"15-intime": range(1, 13)}
ANY = ("#UD", "0x7ff3", "A", "34 12 34 12 34 f2 40 12", "B A")  # whatever kind it is, one of them can be read
HEX = r"0x([0-9a-f]+)"


def num(text):
    return int(text, 16)


def data_at(limit):
    """A dword through a segment that grows upwards."""
    return lambda o: "#GP 0x0000" if num(o) + 3 > limit or num(o) + 3 > 0xffffffff else "none"


# One answer whatever is drawn.
SAME = {
    "03-protected-mode flat.1", "04-caches loaded.1", "04-caches unreal.1", "08-gates gate.2", "09-interrupts frame.1",
    "09-interrupts gates.2", "09-interrupts divide.1", "10-tasks tss.2", "12-flat flat.2", "13-v86 enter.2", "13-v86 leave.2",
    "13-v86 leave.3", "14-triple-fault third.1", "14-triple-fault method.1", "15-intime use.2", "15-intime after.1"}
WORKED = {
    ("04-caches", "unreal.2"): (f"EBX is {HEX}", lambda o: "#GP" if num(o) > 0xffff else "none"),
    ("09-interrupts", "idt.1"): (r"int (?:0x)?([0-9a-f]+)`", {
        "30": "none", "31": "none", "32": "#GP 0x0192", "33": "none", "d": "#GP 0x006a", "34": "#GP 0x01a2",
        "40": "#GP 0x0202", "0": "#GP 0x0002"}),
    ("09-interrupts", "idt.2"): (f"changed to {HEX}", {
        "8e": "#GP 0x0182", "ee": "none", "6e": "#NP 0x0182", "ef": "none", "ec": "#GP 0x0182"}),
    ("09-interrupts", "selectors.1"): (f"with {HEX}", {
        "0033": "#NP 0x0030", "0030": "#NP 0x0030", "0032": "#NP 0x0030", "0010": "#GP 0x0010", "0013": "#GP 0x0010",
        "003b": "#GP 0x0038", "0034": "#GP 0x0034", "002b": "#GP 0x0028", "0023": "none"}),
    ("13-v86", "segments.2"): (f"ES:{HEX}, with AX still {HEX}", lambda o, v: num(v) * 16 + num(o)),
}


def sources():
    """{lesson: {question: it varies}}"""
    found = {}
    for path in sorted(glob.glob(TEXTS + "/*.lesson")):
        asked, step, n, name = found.setdefault(os.path.basename(path)[:-7], {}), "", 0, ""
        for line in open(path, encoding="utf-8"):
            if line.startswith("@step "):
                step, n, name = line.split()[1], 0, ""
            elif line.startswith("@ask "):
                n += 1
                name = f"{step}.{n}"
                asked[name] = False
            elif line.startswith("@vary ") and name:
                asked[name] = True
    return found


def ask(lesson, seed, names):
    """Its questions with what is right, and everything that was printed."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "r.json")
        lines = "".join(f"{name} {answer}\n" for name in names for answer in ANY)
        p = subprocess.run([RT, "lesson", "run", lesson, "--seed", str(seed), "--result", file], input=lines,
                           capture_output=True, text=True, timeout=300)
        return json.load(open(file))["questions"], " ".join(p.stdout.split())


def plain(question):
    """What is right; a choice in its words, as letters are shuffled."""
    right = question.get("correct", "")
    if question["kind"] == "choice":
        return question["choices"][ord(right) - ord("A")]
    if question["kind"] == "order":
        return [question["choices"][ord(c) - ord("A")] for c in right.split()]
    return int(right, 0) if question["kind"] == "number" else right


def worked(lesson, question):
    """(what was seen in the text, the answer worked out); None: nothing was found"""
    pattern, rule = WORKED[lesson, question["id"]]
    m = re.search(pattern, question["text"])
    if not m:
        return None
    if callable(rule):
        return m.groups(), rule(*m.groups())
    key = m.groups() if len(m.groups()) > 1 else m.group(1)
    return key, rule.get(key, "not worked out")


def agrees(right, answer):
    return right.startswith(answer) if isinstance(answer, str) and isinstance(right, str) and not answer.startswith("#") else right == answer


def sums(text):
    """The sums that are wrong."""
    wrong = []
    for m in re.finditer(r"(?<![-+] )\b(0x[0-9a-f]+|\d+)( [-+] (?:0x[0-9a-f]+|\d+))+ = (0x[0-9a-f]+|\d+)\b", text):
        left, value = m.group(0).split(" = ")
        words, total = left.split(), 0
        for sign, word in zip(["+"] + words[1::2], words[0::2]):
            total += (1 if sign == "+" else -1) * int(word, 0)
        if (total ^ int(value, 0)) & 0xffffffff:
            wrong.append(m.group(0))
    return wrong


class Tap:
    count = failed = 0

    def check(self, good, name, why=()):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in [] if good else list(why)[:12]:
            print(f"# {line}")


def lesson_of(tap, lesson, names, asked):
    answers, differ, wrong = {}, {}, []
    for questions, text in asked:
        wrong += sums(text)
        for q in questions:
            right = plain(q)
            answers.setdefault(q["id"], set()).add(str(right))
            if (lesson, q["id"]) in WORKED:
                by_hand = worked(lesson, q)
                if not by_hand or not agrees(right, by_hand[1]):
                    differ.setdefault(q["id"], []).append(f"{q['text']} machine: {right}, by hand: {by_hand}")
    for name in (n for n in names if (lesson, n) in WORKED):
        tap.check(name in answers and name not in differ, f"{lesson} {name}: worked out by hand", differ.get(name, ["not asked"]))
    tap.check(not wrong, f"{lesson}: the sums in its explanations", wrong)
    for name, varies in names.items():
        if varies and f"{lesson} {name}" not in SAME:
            tap.check(len(answers.get(name, ())) > 1, f"{lesson} {name}: not one answer for all seeds", answers.get(name, ["not asked"]))


def main():
    tap = Tap()
    found = sources()
    tap.check(bool(found), "there are lessons")
    with ThreadPoolExecutor(2) as pool:
        for lesson, names in found.items():
            asked = list(pool.map(lambda seed: ask(lesson, seed, names), SLOW.get(lesson, SEEDS)))
            lesson_of(tap, lesson, names, asked)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


sys.exit(main())
