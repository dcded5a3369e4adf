"""lessons.py RT386: every lesson with right answers and with wrong ones, its key, its result file, its page. TAP."""
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser

RT = sys.argv[1]
VOID = {"meta", "link", "br", "img", "rect", "line", "path", "circle", "polyline", "polygon", "use", "ellipse"}
SEEDS = (1, 2, 77)


class Tap:
    count = failed = 0

    def check(self, good, name, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        for line in [] if good else str(why).splitlines()[:20]:
            print(f"# {line}")


tap = Tap()


def rt(*words, text=""):
    p = subprocess.run([RT, "lesson", *map(str, words)], input=text, capture_output=True, text=True, timeout=120)
    return p.returncode, p.stdout, p.stderr


class Page(HTMLParser):
    """Every element is closed where it was opened, and nothing is fetched."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.figures, self.ids = [], [], 0, []

    def handle_starttag(self, tag, attrs):
        self.figures += tag == "figure"
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href", "xlink:href") and not value.startswith(("#", "data:,")):
                self.wrong.append(f"{tag} {name}={value}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not value.startswith("#"):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-3:]} in line {self.getpos()[0]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def wrong_for(line):
    """An answer that can be read, and is not this one."""
    name, right = line.split(" ", 1)
    if re.fullmatch(r"([0-9a-f]{2} ){7}[0-9a-f]{2}", right):
        return f"{name} 34 12 34 12 34 f2 40 12"
    if right == "none" or right.startswith("#") or re.fullmatch(r"\d+ .*", right):
        return f"{name} {'#UD' if right != '#UD' else '#DE'}"
    if re.fullmatch(r"[A-Z]", right):
        return f"{name} {'A' if right != 'A' else 'B'}"
    if re.fullmatch(r"[A-Z]( [A-Z])+", right):
        return f"{name} " + " ".join(reversed(right.split()))
    if " " in right:
        return f"{name} 0x7ff8"
    return f"{name} 0x{int(right, 0) ^ 0x40:x}"


def answers_of(lesson, folder):
    for seed in SEEDS:
        status, key, err = rt("key", lesson, "--seed", seed)
        tap.check(status == 0 and key.count("\n") >= 3, f"{lesson}: seed {seed} has a key", err)
        file, result = os.path.join(folder, "a"), os.path.join(folder, "r.json")
        with open(file, "w") as f:
            f.write(key)
        status, out, err = rt("run", lesson, "--seed", seed, "--answers", file, "--result", result)
        r = json.load(open(result))
        tap.check(status == 0 and r["all_right"] and r["right"] == r["asked"] == key.count("\n") and r["points"] == r["of"],
                  f"{lesson}: seed {seed}, right answers", out[-2000:] + err)
        tap.check(r["schema"] == "rt386-lesson/1" and [q["id"] for q in r["questions"]] == [k.split()[0] for k in key.splitlines()],
                  f"{lesson}: seed {seed}, the result names every question", r)
        lines = [wrong_for(k) for k in key.splitlines()]
        status, out, err = rt("run", lesson, "--seed", seed, "--result", result, text="\n".join(lines) + "\n")
        r = json.load(open(result))
        tap.check(status == 1 and r["right"] == 0 and r["wrong"] == r["asked"] and r["points"] == 0,
                  f"{lesson}: seed {seed}, wrong answers",
                  [q for q in r["questions"] if q["mark"] != "wrong"])
    keys = {rt("key", lesson, "--seed", s)[1] for s in range(20, 26)}
    tap.check(len(keys) > 1, f"{lesson}: other seeds ask other questions")
    tap.check(rt("key", lesson, "--seed", 5) == rt("key", lesson, "--seed", 5), f"{lesson}: the same seed asks the same")


def page_of(entry, folder):
    status, _, err = rt("export", entry["id"], "-o", folder, "--seed", 3, "--notes")
    path = os.path.join(folder, entry["id"] + ".html")
    text = open(path, encoding="utf-8").read() if status == 0 else ""
    page = Page()
    page.feed(text)
    tap.check(status == 0 and not page.open and not page.wrong, f"{entry['id']}: the page is well-formed", err + str(page.wrong))
    tap.check("http:" not in text and "https:" not in text and "url(" not in text and "@import" not in text,
              f"{entry['id']}: the page needs nothing else")
    tap.check(page.figures >= 3 and len(page.ids) == len(set(page.ids)), f"{entry['id']}: figures, and each name once")
    tap.check(text.count("<section class=\"q\"") == entry["questions"] and text.count("class=\"answer\"") == entry["questions"],
              f"{entry['id']}: all questions are on the page")
    again = tempfile.mkdtemp(dir=folder)
    rt("export", entry["id"], "-o", again, "--seed", 3, "--notes")
    tap.check(open(os.path.join(again, entry["id"] + ".html"), encoding="utf-8").read() == text,
              f"{entry['id']}: the page is the same again")


def whole_and_parts(lesson):
    """Questions do not depend on where one begins."""
    _, key, _ = rt("key", lesson, "--seed", 9)
    steps = list(dict.fromkeys(line.split(".")[0] for line in key.splitlines()))
    status, part, err = rt("key", f"{lesson}:9:{steps[-1]}")
    want = "".join(line + "\n" for line in key.splitlines() if line.split(".")[0] == steps[-1])
    tap.check(status == 0 and part == want, f"{lesson}: a permalink leads to the same questions", part + err)


def terminal():
    """A person: a hint, an answer that cannot be read, a right one, then away."""
    _, key, _ = rt("key", "1", "--seed", 4)
    first = key.splitlines()[0].split(" ", 1)[1]
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(RT, [RT, "lesson", "run", "1", "--seed", "4"])
    os.write(fd, f"try 1 i=9\n?\nnothing of the kind\n{first}\ntry 1 i=9, r=2\ntry 1 q=2\ntry 9 i=2\ntry 1 \nquit\n".encode())
    seen = b""
    try:
        while piece := os.read(fd, 4096):
            seen += piece
    except OSError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    text = seen.decode()
    tap.check("Three fields in sixteen bits" in text and "01-selectors:4:parts" in text, "a terminal shows the page", text)
    tap.check("In binary the selector is" in text, "'?' gives a hint", text)
    tap.check("is no number" in text, "an answer that cannot be read may be given again", text)
    tap.check("Answer question parts.1 first." in text, "no value is tried before the answer", text)
    tap.check("ES is loaded with 0x004a" in text and "The machine says 9." in text and "(try 1 i=VALUE" in text,
              "then a value of one's own", text)
    tap.check("question parts.1 has no value 'q'" in text and "Say 'try N NAME=VALUE'" in text and "Values of question parts.1: i, r" in text,
              "names that are none", text)
    tap.check("Right." in text and "1 of 10 right, 7 of 100 points" in text and status == 1,
              "a hint costs, the rest is not answered: status 1", text[-300:] + str(status))


def ctrl_c(folder):
    """What was answered is written."""
    _, key, _ = rt("key", "1", "--seed", 4)
    result = os.path.join(folder, "c.json")
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(RT, [RT, "lesson", "run", "1", "--seed", "4", "--result", result])
    os.write(fd, key.splitlines()[0].split(" ", 1)[1].encode() + b"\n")
    seen = b""
    try:
        while b"parts.2" not in seen:
            seen += os.read(fd, 4096)
        os.write(fd, b"\x03")
        while piece := os.read(fd, 4096):
            seen += piece
    except OSError:
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    right = json.load(open(result))["right"] if os.path.exists(result) else None
    tap.check(status == 130 and right == 1, "Ctrl-C ends a lesson, and the result is written", f"{status} {right}")


def own_values():
    """A question with other numbers than the seed's: the machine answers them."""
    status, out, err = rt("try", "1", "load.1")
    key = dict(line.split(" ", 1) for line in rt("key", "1")[1].splitlines())
    tap.check(status == 0 and f"The machine says {key['load.1']}." in out and out.endswith("Values of your own: s\n"),
              "try without a value: the question as it is, and its names", out + err)
    base = int(key["load.1"], 16) & ~0xfff
    status, out, err = rt("try", "1", "load.1", "s=0x33")
    same = rt("try", "1:9:edge", "load.1", "s = 0x30 + 3")[1]
    tap.check(status == 0 and "0x0033" in out and same == out and f"{base:#010x}"[:7] in out, "a value of one's own, as an expression too", out + err + same)
    status, out, err = rt("try", "15", "use.2", "r=1", "a=0x92")
    tap.check(status == 0 and "The machine says #GP 0x0058." in out, "two values", out + err)
    status, out, err = rt("try", "15", "use.2", "a=0xf2,r=1")
    tap.check(status == 0 and "The machine says none." in out, "two in one word", out + err)
    for words, why in ((("load.1", "x=1"), "question load.1 has no value 'x'"), (("load.1", "s"), "say NAME=VALUE"),
                       (("load.1", "s="), "s: a value is missing"), (("load.1", "s=1 2"), "say NAME=VALUE"),
                       (("nowhere.1", "s=1"), "asks no question 'nowhere.1'"), (("load.9",), "asks no question 'load.9'"),
                       (("load", "s=1"), "asks no question 'load'"), ((), "name a question")):
        status, out, err = rt("try", "1", *words)
        tap.check(status == 125 and why in err and not out, f"try {' '.join(words)}", err + out)


def source_beside(folder):
    """Code figures show the lines of the guest's source, which is in the command."""
    for lesson, line in (("15-intime", "   | memory_handle = CreateRtMemoryHandle(memory + handle_shift, handle_size);\n=&gt; 0x"),
                         ("03-protected-mode", "   | ljmpl   $CODE, $flat\n=&gt; 0x00007c")):
        rt("export", lesson, "-o", folder)
        text = open(os.path.join(folder, lesson + ".html"), encoding="utf-8").read()
        if "=&gt; 0x" in text and "   | " not in text:
            tap.count += 1
            print(f"ok {tap.count} - {lesson}: source beside the code # SKIP this build has no libdw")
            continue
        tap.check(line in text, f"{lesson}: source beside the code")


def refusals(folder):
    status, _, err = rt("run", "nowhere")
    tap.check(status == 127 and "no lesson 'nowhere'" in err, "an unknown lesson", err)
    status, _, err = rt("run", "1", "--from", "nowhere", text="")
    tap.check(status == 127 and "no step 'nowhere'" in err, "an unknown step", err)
    status, _, err = rt("run", "1", text="elsewhere.1 0x18\n")
    tap.check(status == 125 and "line 1: this lesson asks no question 'elsewhere.1'" in err, "an unknown question", err)
    status, _, err = rt("run", "1", "--answers", os.path.join(folder, "none"))
    tap.check(status == 125 and "cannot be read" in err, "answers that are not there", err)
    status, _, err = rt("run")
    tap.check(status == 125 and "name a lesson" in err, "no lesson is named", err)
    own = os.path.join(folder, "own.lesson")
    with open(own, "w") as f:
        f.write("lesson 99 own\ntitle Own\nabout Own.\nguest lesson01.elf\n@step one One\nAX is {eax;q}.\n")
    status, _, err = rt("run", own, text="")
    tap.check(status == 126 and "99-own, line 6: 'q' is no form of a number" in err, "a lesson of one's own with a mistake", err)
    status, _, err = rt("key", own)
    tap.check(status == 126, "its key", err)
    status, _, err = rt("export", own, "-o", folder)
    tap.check(status == 126, "its page", err)
    with open(own, "w") as f:
        f.write("lesson 99 own\ntitle Own\nabout Own.\nguest lesson01.elf\n@step one One\nWords.\n@ask number\nQ?\n@answer 1 / 0\n")
    status, _, err = rt("run", own, text="")
    tap.check(status == 126 and "99-own, line 9: a division by 0" in err, "a question with a mistake", err)
    with open(own, "w") as f:
        f.write("lesson 99 own\ntitle Own\nabout Own.\nguest lesson01.elf\n@step one One\n@run to before_alpha\nWords.\n@ask order\nQ?\n"
                "@choice AX is {eax;x4} = eax\n@choice nothing {{ here = eax + 1\n")
    status, out, err = rt("run", own, text="")
    tap.check(status == 1 and "AX is 0x0018" in out and "nothing { here" in out, "braces in what there is to order", out + err)
    with open(os.path.join(folder, "lesson01.elf"), "w") as f:
        f.write("no guest\n")
    status, _, err = rt("run", own, text="")
    tap.check(status == 126 and "lesson01.elf is no ELF file" in err, "a guest beside the lesson goes before one that is built in", err)
    os.remove(os.path.join(folder, "lesson01.elf"))
    with open(own, "w") as f:
        f.write("lesson x\n")
    status, _, err = rt("run", own, text="")
    tap.check(status == 126 and "own.lesson, line 1: " in err, "a source with a mistake names its file", err)
    status, _, err = rt("run", folder + "/", text="")
    tap.check(status == 127 and "cannot be read" in err, "a folder is no lesson", err)
    status, _, err = rt("run", "1", "--answers", folder)
    tap.check(status == 125 and "cannot be read" in err, "a folder has no answers", err)
    for more in (["--seed", "3"], ["--from", "load"]):
        status, _, err = rt("run", "01-selectors:7:load", *more, text="")
        tap.check(status == 125 and "leave out" in err, f"a permalink and {more[0]}", err)
    for far, why in (("@run 0xffffffff", "at most 1000000 instructions"), ("@run to 0x1234", "does not get to 'to 0x1234'")):
        with open(own, "w") as f:
            f.write(f"lesson 99 own\ntitle Own\nabout Own.\nguest lesson01.elf\n@step one One\n{far}\nWords.\n")
        status, _, err = rt("run", own, text="")
        tap.check(status == 126 and "99-own, line 6: " in err and why in err, f"a lesson of one's own that does not end: {far}", err)
    with open(own, "w") as f:
        f.write("\ufefflesson 99 own\ntitle Own\nabout Own.\nguest lesson01.elf\n@step one One\n@run to before_alpha\n"
                "AX is {eax;x4}.\n@ask number\n@try 1\nES?\n@answer es\n@step two Two\nWords.\n"
                "@ask number\n@vary a 1 to 1000\n{a;d}?\n@answer a\n")
    result = os.path.join(folder, "own.json")
    status, out, err = rt("run", own, "--result", result, text="\ufeffone.1 18h\ntwo.1 what\x1b[2J?\n")
    tap.check(status == 1 and "1 of 2 right" in out and "\x1b" not in out + err, "a lesson of one's own", out + err)
    marks = [(q["mark"], q["answer"]) for q in json.load(open(result))["questions"]]
    tap.check(marks == [("right", "18h"), ("unreadable", "what?[2J?")], "an answer that cannot be read is kept", marks)
    key = rt("key", own, "--seed", 7)[1].splitlines()
    for words in ([own, "--seed", 7, "--from", "two"], [own + ":7:two"]):
        tap.check(rt("key", *words)[1].splitlines() == key[1:], "it can be begun at a step", words)


def main():
    status, out, err = rt("list", "--json")
    lessons = json.loads(out)["lessons"] if status == 0 else []
    tap.check(bool(lessons), "there are lessons", err)
    with tempfile.TemporaryDirectory() as folder:
        for n, entry in enumerate(lessons, 1):
            tap.check(entry["number"] == n and entry["steps"] >= 3 and entry["questions"] >= 3,
                      f"{entry['id']}: number {n}, steps and questions", entry)
            answers_of(entry["id"], folder)
            page_of(entry, folder)
            whole_and_parts(entry["id"])
        own_values()
        source_beside(folder)
        terminal()
        ctrl_c(folder)
        refusals(folder)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


sys.exit(main())
