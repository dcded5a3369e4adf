#!/usr/bin/env python3
"""Adds up JUnit reports and prints one line: N passed, N failed[, N skipped]. Skips are named."""
import sys
import xml.etree.ElementTree as tree

passed = failed = skipped = 0
for path in sys.argv[1:]:
    try:
        root = tree.parse(path).getroot()
    except (OSError, tree.ParseError) as error:
        print(f"no test report in {path}: {error}", file=sys.stderr)
        failed += 1
        continue
    for suite in root.iter("testsuite"):
        for case in suite.iter("testcase"):
            name = f"{suite.get('name')} / {case.get('name')}"
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                print(f"failed: {name}")
            elif case.find("skipped") is not None:
                skipped += 1
                reason = case.find("skipped").get("message") or case.find("skipped").text or ""
                print(f"skipped: {name} {reason.strip()}")
            else:
                passed += 1
print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed or not passed else 0)
