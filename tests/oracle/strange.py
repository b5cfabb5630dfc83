#!/usr/bin/env python3
"""strange.py SEED N PROCEDURE...: N histories of spoiled procedures that pass the check all the same, as JSON lines
{"procedure", "text", "input", "result"} for fold_lines: the language in ways that no file of the catalogue uses it."""
from __future__ import annotations
import json, random, sys
from histories import World
from properties import spoil
from reference import fold, load
from validate import faults


def main(seed: str, count: int, paths: list[str]) -> None:
    r, made = random.Random(seed), 0
    while made < count:
        path = r.choice(paths)
        p = load(path)
        for _ in range(r.choice((1, 2, 3, 4))):
            spoil(p, r)
        if faults(p):
            continue
        for _ in range(2):
            w = World(p, f"{seed}/{made}")
            given = w.knowledge(*w.node(w.rng.choice((1.0, 0.97, 0.9, 0.6))))
            line = {"procedure": p["procedure"], "text": json.dumps(p), "input": given, "result": fold(p, given)}
            print(json.dumps(line, ensure_ascii=False))
            made += 1


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
