"""Forms of Comity: times, durations, and the test of a body against its form (docs/procedures.md, section 4)."""
from __future__ import annotations
import math, re
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

Json = dict[str, Any]
LIMIT = 2**53 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
PRECISIONS = ("year", "month", "day", "hour", "minute", "second")
TIME = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?Z)?)?)?", re.A)
DURATION = re.compile(r"(-?)P(?=\d|T\d)(?:(\d{1,5})D)?"
                      r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.(\d{1,6}))?S)?)?", re.A)
CODE, DIGEST = re.compile(r"[A-Z][A-Z0-9-]{1,15}"), re.compile(r"[0-9a-f]{64}")
LANG, MEDIA = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"), re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")


def listed(x: Any) -> list:
    """One thing or a list of things, as a list; nothing as an empty list."""
    return x if isinstance(x, list) else [] if x is None else [x]


def micros(text: Any, coarsest: str = "minute") -> int | None:
    """Microseconds UTC of the start of a time ('2018-12' starts on 1 December); None where it is none or too coarse."""
    m = TIME.fullmatch(text) if isinstance(text, str) else None
    if m is None or sum(g is not None for g in m.groups()[:6]) <= PRECISIONS.index(coarsest):
        return None
    y, month, d, h, minute, s = (int(g) if g else low for g, low in zip(m.groups(), (1, 1, 1, 0, 0, 0)))
    try:
        start = datetime(y, month, d, h, minute, s, int((m[7] or "").ljust(6, "0")), timezone.utc)
    except ValueError:
        return None
    return (start - EPOCH) // timedelta(microseconds=1)


def duration(text: Any) -> int | None:
    """Microseconds of a fixed duration (days, hours, minutes, seconds); None where it is none."""
    m = DURATION.fullmatch(text) if isinstance(text, str) else None
    if m is None:
        return None
    d, h, minute, s = (int(g or 0) for g in m.groups()[1:5])
    size = (((d * 24 + h) * 60 + minute) * 60 + s) * 1_000_000 + int((m[6] or "").ljust(6, "0"))
    return -size if m[1] else size


def is_text(v: Any, most: int = 1000, lines: bool = False) -> bool:
    if not isinstance(v, str) or any(c < " " and not (lines and c in "\n\t") or c == "\x7f" for c in v):
        return False
    return 0 < len(v.encode("utf-8", "surrogatepass")) <= most


def is_number(v: Any, low: float = -LIMIT, high: float = LIMIT, kinds: tuple = (int, float)) -> bool:
    return type(v) in kinds and math.isfinite(v) and max(low, -LIMIT) <= v <= min(high, LIMIT)


def matches(pattern: re.Pattern) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, str) and pattern.fullmatch(v) is not None


def between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: is_number(v, low, high)


def distinct(v: Any) -> bool:
    """A list of 1 to 1000 different strings."""
    return isinstance(v, list) and 0 < len(v) <= 1000 and all(isinstance(x, str) for x in v) and len(set(v)) == len(v)


def shape(v: Any, need: dict[str, Callable], may: dict[str, Callable] = {}) -> bool:
    """An object with all keys of `need`, perhaps keys of `may`, and no other, each value passing its test."""
    tests = {**need, **may}
    return isinstance(v, dict) and set(need) <= set(v) <= set(tests) and all(tests[k](x) for k, x in v.items())


def is_period(v: Any, f: Json) -> bool:
    point = lambda t: micros(t, f.get("precision", "minute")) is not None
    return shape(v, {"start": point, "end": point}) and micros(v["start"], "year") <= micros(v["end"], "year")


def is_range(v: Any, f: Json) -> bool:
    number = between(f.get("min", -LIMIT), f.get("max", LIMIT))
    return shape(v, {"low": number, "high": number}, {"best": number}) and \
        v["low"] <= v.get("best", v["low"]) <= v["high"] and v["low"] <= v["high"]


def is_names(v: Any) -> bool:
    """Names by language tag or by party code: no name stands above another."""
    return isinstance(v, dict) and 0 < len(v) <= 100 and \
        all((LANG.fullmatch(k) or CODE.fullmatch(k)) and is_text(x) for k, x in v.items())


def is_polygon(v: Any) -> bool:
    return isinstance(v, list) and 3 <= len(v) <= 1000 and \
        all(isinstance(p, list) and len(p) == 2 and POINT["lat"](p[0]) and POINT["lon"](p[1]) for p in v)


def is_area(v: Any) -> bool:
    height, circle = between(-12_000, 50_000_000), lambda c: shape(c, {**POINT, "radius": RADIUS})
    tests = {"circle": circle, "polygon": is_polygon, "lower": height, "upper": height, "names": is_names}
    return shape(v, {}, tests) and ("circle" in v) != ("polygon" in v) and \
        v.get("lower", -12_000) <= v.get("upper", 50_000_000)


def is_texts(v: Any) -> bool:
    need = {"lang": matches(LANG), "text": lambda t: is_text(t, 1_000_000, True)}
    may = {"authentic": lambda b: isinstance(b, bool)}
    return isinstance(v, list) and 0 < len(v) <= 100 and all(shape(x, need, may) for x in v) and \
        distinct([x["lang"] for x in v])


POINT, RADIUS = {"lat": between(-90, 90), "lon": between(-180, 180)}, between(0, 20_040_000)
FILE = {"sha256": matches(DIGEST), "name": is_text, "type": matches(MEDIA),
        "size": lambda v: is_number(v, 0, LIMIT, (int,))}
TYPES: dict[str, Callable[[Any, Json], bool]] = {
    "text": lambda v, f: is_text(v, f.get("max", 1000)),
    "longtext": lambda v, f: is_text(v, f.get("max", 100_000), True),
    "choice": lambda v, f: isinstance(v, str) and v in {c["code"] for c in f["codes"]},
    "choices": lambda v, f: distinct(v) and set(v) <= {c["code"] for c in f["codes"]},
    "integer": lambda v, f: is_number(v, f.get("min", -LIMIT), f.get("max", LIMIT), (int,)),
    "decimal": lambda v, f: is_number(v, f.get("min", -LIMIT), f.get("max", LIMIT)),
    "range": is_range,
    "boolean": lambda v, f: isinstance(v, bool),
    "time": lambda v, f: micros(v, f.get("precision", "minute")) is not None,
    "period": is_period,
    "duration": lambda v, f: (duration(v) or 0) > 0,
    "place": lambda v, f: shape(v, POINT, {"radius": RADIUS, "names": is_names}),
    "area": lambda v, f: is_area(v),
    "party": lambda v, f: matches(CODE)(v),
    "parties": lambda v, f: distinct(v) and all(map(matches(CODE), v)),
    "officer": lambda v, f: is_text(v, 200),
    "matter": lambda v, f: matches(DIGEST)(v),
    "act": lambda v, f: matches(DIGEST)(v),
    "digest": lambda v, f: matches(DIGEST)(v),
    "file": lambda v, f: shape(v, FILE),
    "texts": lambda v, f: is_texts(v),
}


def fault(form: list[str], fields: Json, v: Any, at: str = "") -> str | None:
    """The first fault of an object against a form, as a JSON pointer; None where there is none."""
    if not isinstance(v, dict):
        return at
    known = {name.rstrip("?"): name.endswith("?") for name in form}
    for key in sorted(set(v) - set(known)):
        return f"{at}/{key.replace('~', '~0').replace('/', '~1')}"
    for name, optional in known.items():
        here = f"{at}/{name}"
        bad = value_fault(fields[name], fields, v[name], here) if name in v else None if optional else here
        if bad is not None:
            return bad
    return None


def value_fault(f: Json, fields: Json, v: Any, at: str) -> str | None:
    if f.get("many"):
        if not isinstance(v, list) or not 0 < len(v) <= 1000:
            return at
        faults = (value_fault({**f, "many": False}, fields, x, f"{at}/{i}") for i, x in enumerate(v))
        return next((bad for bad in faults if bad is not None), None)
    if f["type"] == "group":
        return fault(f["of"], fields, v, at)
    return None if TYPES[f["type"]](v, f) else at


def walk(v: Any, path: list[str]) -> Any:
    """The value at a path of names inside an object, None where there is none."""
    for name in path:
        v = v.get(name) if isinstance(v, dict) else None
    return v
