#!/usr/bin/env python3
"""papers.py ROOT: the top-level papers tell the truth about the tree.

 - ARCHITECTURE.md names each folder of src/ and each of its main headers;
 - every path in `backquotes` of the papers exists (<name>, * and ... stand for
   anything; rooms of rooms.txt and what recipes are about may be still to come);
 - every relative link [..](..) of the papers and of docs/ leads somewhere;
 - each fuzz target has seeds, each room of rooms.txt stands in ARCHITECTURE.md.
"""
import pathlib
import re
import sys

PAPERS = ("README.md", "HACKING.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGES.md")
TOP = ("src", "tests", "fuzz", "tools", "docs", "man", "bench", "procedures", "templates", "lang", "assets",
       "data", "check", ".ci", "meson.build", "meson_options.txt")
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)")


def rooms() -> list[str]:
    lines = (pathlib.Path(__file__).resolve().parent / "rooms.txt").read_text().splitlines()
    return [line.split()[0] for line in lines if line and line[0] != "#"]


def is_there(root: pathlib.Path, path: str) -> bool:
    pattern = re.sub(r"<[^>]*>|\.\.\.", "*", path).rstrip("/")
    folder = pattern.split("*")[0].rpartition("/")[0] if "*" in pattern else pattern
    to_come = folder in {f"src/{room}" for room in rooms()} or ("*" in pattern and folder in TOP)
    return to_come or (root / folder).exists()


def dead(root: pathlib.Path, text: str) -> list[tuple[int, str]]:
    found, fenced = [], False
    for n, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            fenced = not fenced
        for path in [] if fenced else CODE.findall(line):
            if re.fullmatch(r"[\w.<>*/-]+", path) and path.split("/")[0] in TOP and not is_there(root, path):
                found.append((n, path))
    return found


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    bad = []
    for paper in PAPERS:
        if (root / paper).is_file():
            text = (root / paper).read_text()
            bad += [f"{paper}:{n}: {path} does not exist" for n, path in dead(root, text)]
    for paper in [*map(pathlib.Path, PAPERS), *(p.relative_to(root) for p in root.glob("docs/**/*.md"))]:
        if (root / paper).is_file():
            for link in LINK.findall((root / paper).read_text()):
                if not ((root / paper).parent / link).exists():
                    bad.append(f"{paper}: the link {link} leads nowhere")
    page = root / "ARCHITECTURE.md"
    text = page.read_text() if page.is_file() else ""
    folders = [p.name for p in (root / "src").iterdir() if p.is_dir()]
    for room in sorted({*rooms(), *folders}):
        if f"`src/{room}/" not in text:
            bad.append(f"ARCHITECTURE.md: the room `src/{room}/` is missing")
    for target in root.glob("fuzz/fuzz_*.c"):
        name = target.stem.removeprefix("fuzz_")
        if not any((root / "fuzz/seeds" / name).glob("*")):
            bad.append(f"fuzz/{target.name}: no seeds in fuzz/seeds/{name}/")
    print(*(f"{root}/{line}" for line in bad), sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
