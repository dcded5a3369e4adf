"""lesson_pages.py RT386: the lessons' pages in a browser without a window: no error, scripts and figures work. TAP.

Skipped by name where chromium is missing.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000"]


def dom(browser, folder, page):
    profile = tempfile.mkdtemp(dir=folder)
    p = subprocess.run([browser, *FLAGS, f"--user-data-dir={profile}", "--dump-dom", "file://" + page],
                       capture_output=True, text=True, timeout=120)
    return p.stdout, [line for line in p.stderr.splitlines() if "CONSOLE" in line]


def main():
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser:
        print("1..0 # SKIP lesson pages in a browser: chromium is not installed")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pages = os.path.join(folder, "pages")
        subprocess.run([sys.argv[1], "lesson", "export", "--all", "-q", "-o", pages], check=True)
        names = sorted(glob.glob(pages + "/*.html"))
        for n, page in enumerate(names, 1):
            text, errors = dom(browser, folder, page)
            svg = text.count("<svg")
            # the script has run: the button that it shows is not hidden
            good = not errors and svg >= 2 and re.search(r'<button[^>]*id="all"(?![^>]*hidden)', text)
            failed += not good
            print(f"{'ok' if good else 'not ok'} {n} - {os.path.basename(page)} opens without an error, {svg} figures")
            for line in errors:
                print("# " + line)
        print(f"1..{len(names)}")
    return 1 if failed or not names else 0


sys.exit(main())
