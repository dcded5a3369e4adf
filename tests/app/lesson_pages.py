"""lesson_pages.py RT386: the lessons' pages in a browser without a window: no error, scripts and figures work. TAP.

All pages at once in frames of one, for what the console says of them; then one by itself, for what its script does. Skipped by
name where chromium is missing.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000"]
ALL = """<!DOCTYPE html><title>all</title>
<script>let n = 0; function loaded() { n++; document.body.dataset.loaded = n; }</script>
<body>%s<script>console.error('the console is heard');</script></body>"""


def dom(browser, folder, page):
    profile = tempfile.mkdtemp(dir=folder)
    p = subprocess.run([browser, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", "file://" + page],
                       capture_output=True, text=True, timeout=300)
    return p.stdout, [line for line in p.stderr.splitlines() if "CONSOLE" in line]


def report(n, good, name, lines=()):
    print(f"{'ok' if good else 'not ok'} {n} - {name}")
    for line in [] if good else lines:
        print("# " + line)
    return not good


def main():
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        print("1..0 # SKIP lesson pages in a browser: chromium is not installed")
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pages = os.path.join(folder, "pages")
        subprocess.run([sys.argv[1], "lesson", "export", "--all", "-q", "-o", pages], check=True)
        names = sorted(glob.glob(pages + "/*.html"))
        every = os.path.join(folder, "all.html")
        with open(every, "w", encoding="utf-8") as f:
            f.write(ALL % "".join(f'<iframe src="file://{name}" onload="loaded()"></iframe>' for name in names))
        text, console = dom(browser, folder, every)
        loaded = re.search(r'data-loaded="(\d+)"', text)
        failed = report(1, any("is heard" in line for line in console), "the browser's console is heard", [text[:300]])
        failed += report(2, bool(names) and loaded and int(loaded.group(1)) == len(names), f"{len(names)} pages are loaded", [text[:300]])
        errors = [line for line in console if "is heard" not in line]
        failed += report(3, not errors, "none of them says anything on the console", errors)
        text, console = dom(browser, folder, names[0]) if names else ("", [])
        shown = re.search(r'<button[^>]*id="all"(?![^>]*hidden)', text)
        failed += report(4, text.count("<svg") >= 3 and shown, "a page has its figures, and its script shows its button", [text[:300]])
    print("1..4")
    return 1 if failed else 0


sys.exit(main())
