#!/usr/bin/env python3
"""pages.py ROOT: templates (templates/) and words (lang/) fit each other.

 - each word stands in en, ja, zh and ko, is not empty, and has the same tags in
   each of them; no word stands twice, in one file or in two;
 - each word that a template, a word or a script names is there, and each that is
   there is named; a way to write a value ({{status.term}}) names all words that
   begin so ("term.");
 - each template that is named is there; each that is there is named, or is the
   page of a route (src/web/);
 - templates hold no style, no script and no handler of their own (the pages'
   Content-Security-Policy would stop them), and nothing unescaped.
One line a finding, FILE:LINE: what; exit status 1 where there is one.
"""
import json
import pathlib
import re
import sys

LANGS = ("en", "ja", "zh", "ko")
TAG = re.compile(r"\{\{\s*([#^/>&{!=<$]?)\s*(\*?[^}]*?)\s*\}\}")
# Ways that speak.h knows, and `name`: no words of ours.
WAYS = {"when", "day", "hour", "span", "number", "bytes", "hex", "short", "tongue", "name"}
UNSAFE = ((re.compile(r"<style|\sstyle="), "a style of its own"),
    (re.compile(r"<script(?![^>]*\bsrc=)"), "a script of its own"),
    (re.compile(r"\son[a-z]+="), "a handler of its own"),
    (re.compile(r"\{\{\{|\{\{&"), "text that is not escaped"),
    (re.compile(r"(?:src|href|action)=\"(?:https?:)?//"), "an address of another host"))


def twice(pairs: list) -> dict:
    keys = [k for k, _ in pairs]
    for k in keys:
        if keys.count(k) > 1:
            raise ValueError(f"'{k}' stands twice")
    return dict(pairs)


def tags(text: str) -> list[str]:
    return sorted({f"{m[1]}{m[2]}" for m in TAG.finditer(text) if m[1] != "!"})


def load(root: pathlib.Path, say) -> dict[str, tuple[str, dict]]:
    """Each word by its key: its file, its texts."""
    words: dict[str, tuple[str, dict]] = {}
    for path in sorted((root / "lang").glob("*.json")):
        name = f"lang/{path.name}"
        try:
            content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=twice)
        except ValueError as e:
            say(name, 1, str(e))
            continue
        lines = path.read_text(encoding="utf-8").split("\n")
        for key, texts in content.items():
            line = next((n for n, text in enumerate(lines, 1) if f'"{key}"' in text), 1)
            if key in words:
                say(name, line, f"'{key}' stands in {words[key][0]} too")
            words[key] = (name, texts)
            if sorted(texts) != sorted(LANGS) or not all(texts.values()):
                say(name, line, f"'{key}' wants a text in each of {', '.join(LANGS)}")
            elif len({tuple(tags(t)) for t in texts.values()}) > 1:
                say(name, line, f"'{key}' has not the same tags in all languages")
    return words


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    found = []

    def say(name: str, line: int, what: str) -> None:
        found.append(f"{root / name}:{line}: {what}")

    words = load(root, say)
    templates = {p.stem: p.read_text(encoding="utf-8") for p in sorted((root / "templates").glob("*.mustache"))}
    code = {str(p.relative_to(root)): p.read_text(encoding="utf-8")
        for p in [*(root / "src" / "web").glob("*.c"), *(root / "assets").glob("*.ts")]}
    texts = [(f"templates/{n}.mustache", t) for n, t in templates.items()]
    texts += [(f, t) for f, all_of in words.values() for t in all_of.values()]
    used, begins, partials, free = set(), set(), set(), set()
    for name, text in texts:
        for m in TAG.finditer(text):
            line = text.count("\n", 0, m.start()) + 1 if name.startswith("templates/") else 1
            kind, what = m[1], m[2]
            if kind in (">", "<") and what.startswith("*"):
                free.add(what)
            elif kind in (">", "<") and "." in what:
                used.add(what)
                if what not in words:
                    say(name, line, f"no word '{what}'")
            elif kind in (">", "<"):
                partials.add(what)
                if what not in templates:
                    say(name, line, f"no template '{what}'")
            elif kind in ("", "#", "^") and "." in what:
                begins.add(what.rsplit(".", 1)[1] + ".")
    for name, text in code.items():
        used |= {w for w in words if f'"{w}"' in text}
        partials |= {t for t in templates if f'"{t}"' in text}
    for key, (name, _) in sorted(words.items()):
        if key not in used and not any(key.startswith(b) for b in begins if b[:-1] not in WAYS):
            say(name, 1, f"nobody uses the word '{key}'")
    for name, text in templates.items():
        if name not in partials and not free:
            say(f"templates/{name}.mustache", 1, "nobody uses this template")
        for n, line in enumerate(text.split("\n"), 1):
            for pattern, what in UNSAFE:
                if pattern.search(line):
                    say(f"templates/{name}.mustache", n, what)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


sys.exit(main())
