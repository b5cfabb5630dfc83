#!/usr/bin/env python3
"""spoiled.py SEED N PROCEDURE...: N spoiled procedure files as JSON lines {"text", "faults"}, for faults_lines."""
from __future__ import annotations
import json, random, sys
from properties import spoil
from reference import load
from validate import faults


def main(seed: str, count: int, paths: list[str]) -> None:
    r = random.Random(seed)
    for _ in range(count):
        p = load(r.choice(paths))
        for _ in range(r.choice((0, 1, 1, 1, 2, 3))):
            spoil(p, r)
        print(json.dumps({"text": json.dumps(p, ensure_ascii=False), "faults": faults(p)}, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
