#!/usr/bin/env python3
"""bodies.py SEED N: N random bodies for the forms of the laboratory as JSON lines {"body", "fault"}, for form_lines."""
from __future__ import annotations
import json, random, sys
from typing import Any
from forms import fault
from reference import load
from scenario import LABORATORY

LIMIT = 2**53
EDGES: list[Any] = [
    None, True, False, 0, 1, -1, 3, 4, -2, 90, 91, 180, 181, LIMIT - 1, LIMIT, -LIMIT, 1.0, 0.5, 2.0, 2.5, 1e300, -0.0, "",
    "a", "b", "c", "é" * 3, "é" * 4, "x" * 6, "x" * 7, "x" * 200, "x" * 201, "x" * 1000, "x" * 1001, "x" * 100000,
    "x" * 100001, "a\nb", "a\tb", "a\rb", "\x7f", "\x1f", "\x80", "JPN", "J", "jpn", "ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOPQ",
    "A-1", "0" * 64, "0" * 63, "g" * 64, "A" * 64, "en", "zh-Hant", "e", "engl", "en-", "en-x", "a/b", "a/", "/b", "a/b/c",
    "A/b", "2026", "2026-02", "2026-02-29", "2024-02-29", "2026-01-01T00Z", "2026-01-01T00:00Z", "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T24:00Z", "0000", "9999", "2026-1-1", "2026-13",
    "2026-01-01T00:00", "2026-01-01T00:00:60Z", "２０２６", "P1D", "PT1H", "P0D", "-P1D", "PT0.000001S", "P1M", "PT", "P",
    "P1DT", "PT1S1M", "P99999D", "P100000D", "PT999999H", "PT1000000H", "PT1.5H", "P1DT1H1M1.1S", [], ["a"], ["a", "b"],
    ["a", "a"], ["JPN", "KOR"], ["JPN", "JPN"], [1], [[]], {}, {"x": 1}]
KEYS = ("lat", "lon", "radius", "names", "circle", "polygon", "lower", "upper", "low", "high", "best", "start", "end", "lang",
        "text", "authentic", "sha256", "name", "type", "size", "integer", "en", "JPN")
GOOD: dict[str, Any] = {
    "range": {"low": 1, "best": 2, "high": 2.5}, "period": {"start": "2026-01-01", "end": "2026-01-02T00:00Z"},
    "place": {"lat": 1.5, "lon": 2, "radius": 3, "names": {"en": "x", "JPN": "y"}},
    "area": {"polygon": [[0, 0], [1, 1], [2, 2.5]], "lower": 0, "upper": 5, "names": {"ja": "x"}},
    "file": {"sha256": "0" * 64, "name": "a", "type": "a/b", "size": 1},
    "texts": [{"lang": "en", "text": "x", "authentic": True}, {"lang": "ja", "text": "y"}],
    "group": {"integer": 1, "text": "x"}, "list": [{"integer": 1}, {"integer": 2, "text": "x"}], "many": [1, 2, 3]}


def some(r: random.Random, deep: int = 0) -> Any:
    if deep < 3 and r.random() < 0.2:
        return {r.choice(KEYS): some(r, deep + 1) for _ in range(r.randrange(4))}
    if deep < 3 and r.random() < 0.1:
        return [some(r, deep + 1) for _ in range(r.randrange(4))]
    return r.choice(EDGES)


def change(r: random.Random, v: Any) -> Any:
    """One thing inside is another, is gone or is new."""
    if isinstance(v, dict) and v and r.random() < 0.9:
        k, way = r.choice(list(v)), r.random()
        if way < 0.15:
            return {x: y for x, y in v.items() if x != k}
        if way < 0.3:
            return {**v, r.choice((*KEYS, "~/", "é")): some(r)}
        return {**v, k: change(r, v[k])}
    if isinstance(v, list) and v and r.random() < 0.9:
        i = r.randrange(len(v))
        return r.choice(([*v[:i], change(r, v[i]), *v[i + 1:]], v[:i], [*v, v[i]]))
    return some(r)


def main(seed: int, count: int) -> None:
    p, r = load(LABORATORY / "forms.json"), random.Random(seed)
    form = p["acts"]["fill"]["form"]
    for _ in range(count):
        name = r.choice(form).rstrip("?")
        body = {name: change(r, GOOD[name]) if name in GOOD and r.random() < 0.9 else some(r)}
        if r.random() < 0.05:
            body = change(r, body)
        print(json.dumps({"body": body, "fault": fault(form, p["fields"], body)}, ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(int(sys.argv[1]), int(sys.argv[2]))
