#!/usr/bin/env python3
"""tally.py TESTLOG.JSON: counts the cases of a meson test run.

A cmocka program counts each of its cases.  Any other test may end its output
with a line "N passed, N failed" or "N passed, N failed, N skipped"; else it is
one case.  A program that fails without a failed case (a crash, a leak, a time
out) is one failed case.  Prints the failed ones with the end of their output,
and last: PASSED FAILED SKIPPED.
"""
import json
import re
import sys

CMOCKA = re.compile(r"^\[  (PASSED|FAILED|SKIPPED) +\] (?:tests: )?(\d+) test\(s\)", re.M)
LINE = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)


def count(test: dict) -> tuple[int, int, int]:
    """Passed, failed and skipped cases of one test."""
    # cmocka names its outcomes on standard error, scripts write to standard output.
    out, both = test.get("stdout", ""), test.get("stdout", "") + "\n" + test.get("stderr", "")
    result = test["result"]
    lines = LINE.findall(out)
    if CMOCKA.search(both):
        n = {"PASSED": 0, "FAILED": 0, "SKIPPED": 0}
        for what, number in CMOCKA.findall(both):
            n[what] += int(number)
        passed, failed, skipped = n["PASSED"], n["FAILED"], n["SKIPPED"]
    elif lines:
        passed, failed, skipped = (int(x or 0) for x in lines[-1])
    elif result == "SKIP":
        return 0, 0, 1
    else:
        passed, failed, skipped = (1, 0, 0) if result in ("OK", "EXPECTEDFAIL") else (0, 0, 0)
    if result == "OK" and passed + failed + skipped == 0:
        failed = 1  # a program that ran no case has tested nothing
    if result not in ("OK", "EXPECTEDFAIL", "SKIP"):
        failed = max(failed, 1)
    return passed, failed, skipped


def main() -> None:
    total = [0, 0, 0]
    with open(sys.argv[1], encoding="utf-8", errors="replace") as f:
        for line in f:
            test = json.loads(line)
            cases = count(test)
            total = [a + b for a, b in zip(total, cases)]
            if cases[1]:
                print(f"FAIL {test['name']} ({test['result']}, {test.get('duration', 0):.1f} s)")
                tail = (test.get("stdout", "") + "\n" + test.get("stderr", "")).strip().split("\n")[-40:]
                print(*("     " + x for x in tail), sep="\n")
            elif cases[2]:
                print(f"skip {test['name']}: {cases[2]} of {sum(cases)} cases")
    print(*total)


if __name__ == "__main__":
    main()
