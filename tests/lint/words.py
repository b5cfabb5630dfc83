#!/usr/bin/env python3
"""words.py ROOT: what the project's text may not hold.

 - C code: no // comment (block comments alone);
 - no path of somebody's machine, /tmp in tests and tools alone;
 - no package registry or mirror host (a lock file leaves them out);
 - tabs, line ends and the last newline as .editorconfig has them.
One line a finding, FILE:LINE: what; exit status 1 where there is one.
"""
import os
import pathlib
import re
import subprocess
import sys

# Put together here, so that this file passes its own test.
MACHINE = re.compile(r"(?<![\w.~*$})>/-])/(?:" + "|".join((
    "wo" + "rk", "ho" + r"me/[a-z][\w-]*", "ro" + "ot", "Us" + r"ers/[a-z][\w-]*"))
    + r")(?![\w-])")
TMP = re.compile(r"(?<![\w.~*$})>/-])/(?:var/)?" + "tm" + r"p(?![\w-])")
HOSTS = re.compile("|".join(re.escape(h) for h in (
    "registry.npm" + "js.org", "registry.yarn" + "pkg.com", "py" + "pi.org", "python" + "hosted.org",
    "proxy.go" + "lang.org", "sum.go" + "lang.org", "crates" + ".io", "deb.deb" + "ian.org",
    "rubygems" + ".org", "hub.dock" + "er.com", "ghc" + "r.io")))
TMP_IS_FINE = ("tests/", "fuzz/", "tools/", "bench/", "check", ".ci/")
# Whole strings and character constants, so that "//" inside them is no comment.
C_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
WHOLE = {".c", ".h", ".py", ".sh", ".awk", ".md", ".txt", ".build", ".sql", ".ts", ".json"}
FOREIGN = ("data/", "tests/vectors/", "fuzz/seeds/", "assets/vendor/")  # kept as they came


def files(root: pathlib.Path) -> list[str]:
    """The files under version control; all files where there is none."""
    if (root / ".git").exists():
        out = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], check=True, capture_output=True).stdout
        names = [n for n in out.decode().split("\0") if n]
    else:
        names = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
    return sorted(n for n in names if not n.startswith("build") and (root / n).is_file())


def c_comments(text: str) -> list[int]:
    return [text.count("\n", 0, m.start()) + 1 for m in C_TOKEN.finditer(text) if m[0].startswith("//")]


def findings(name: str, text: str) -> list[tuple[int, str]]:
    found = []
    suffix = os.path.splitext(name)[1]
    if suffix in (".c", ".h"):
        found += [(n, "a // comment; write /* */") for n in c_comments(text)]
    for n, line in enumerate(text.split("\n"), 1):
        if MACHINE.search(line):
            found.append((n, "names a path of one machine"))
        if TMP.search(line) and not name.startswith(TMP_IS_FINE):
            found.append((n, "names the folder for temporary files"))
        if HOSTS.search(line):
            found.append((n, "names a registry host"))
        if suffix in WHOLE and "\r" in line:
            found.append((n, "has a carriage return"))
    if suffix in WHOLE and text and not text.endswith("\n"):
        found.append((text.count("\n") + 1, "lacks the last line end"))
    return found


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    bad = 0
    for name in files(root):
        if name.startswith(FOREIGN):
            continue
        data = (root / name).read_bytes()
        if b"\0" in data:
            continue
        try:
            text = data.decode()
        except UnicodeDecodeError:
            print(f"{root / name}:1: is not UTF-8")
            bad += 1
            continue
        for n, what in findings(name, text):
            print(f"{root / name}:{n}: {what}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
