#!/usr/bin/env python3
"""The properties of docs/procedures.md, section 6, on random histories.

  properties.py SEED COUNT PROCEDURE...        COUNT histories of each procedure
  properties.py spoil SEED COUNT PROCEDURE...  COUNT spoiled files: whatever passes `check` never makes the fold raise
"""
from __future__ import annotations
import copy, random, sys
from collections import Counter
from pathlib import Path
from typing import Any, Iterator
from forms import Json
from histories import DAY, World, digest
from reference import fold, load
from validate import faults

YEARS = 3650 * DAY
BODY = ("bad-form", "not-committed", "short-notice", "narrow-audience", None)     # reasons that lie in what is written


def told(r: Json) -> list[Json]:
    return [a for a in r["acts"] if a["verdict"] != "waiting"]


def order_independent(w: World, given: Json, r: Json) -> bool:
    """1. The order of arrival, and arriving twice, change nothing."""
    acts = given["acts"] + w.rng.sample(given["acts"], len(given["acts"]) // 2)
    w.rng.shuffle(acts)
    return fold(w.p, {**given, "acts": acts}) == r


def quiet_until_next(w: World, given: Json, r: Json) -> bool:
    """2. Until `next` nothing changes by itself; so folding at every `next` misses nothing."""
    last = r["next"] - 1 if r["next"] else given["now"] + YEARS
    return all(fold(w.p, {**given, "now": t}) == r for t in (last, (given["now"] + last) // 2))


def time_only_adds(w: World, given: Json, r: Json) -> bool:
    """3. What was folded keeps its place, verdict and remarks as time goes on; the history only grows."""
    now = given["now"]
    for _ in range(3):
        now += w.rng.choice((1, DAY, 30 * DAY))
        later = fold(w.p, {**given, "now": now})
        if told(later)[:len(told(r))] != told(r) or later["history"][:len(r["history"])] != r["history"]:
            return False
        if any(b["status"] != a["status"] and a["status"] not in ("open", "past", "lapsed", "done")
               for a, b in zip(r["terms"], later["terms"])):
            return False
    return True


def evidence_has_reasons(w: World, given: Json, r: Json, more: Json) -> bool:
    """4. With more evidence a verdict changes only after an act that arrived or moved, or a newly proven lapse."""
    after = fold(w.p, more)
    a, b = ({x["id"]: x for x in told(s)} for s in (r, after))
    lapsed = lambda s: {(t["name"], t["party"], t["origin"], t["due"]) for t in s["terms"] if t["status"] == "lapsed"}
    changed = [x["time"] for i in set(a) ^ set(b) for x in (a.get(i) or b.get(i),)]
    changed += [min(a[i]["time"], b[i]["time"]) for i in set(a) & set(b) if a[i]["time"] != b[i]["time"]]
    changed += [t[3] for t in lapsed(after) ^ lapsed(r)]
    first = min(changed, default=given["now"] + YEARS)
    return all(a[i]["verdict"] == b[i]["verdict"] or min(a[i]["time"], b[i]["time"]) >= first for i in set(a) & set(b))


def silence_is_final(w: World, given: Json, r: Json, more: Json) -> bool:
    """5. Among honest parties a text adopted by proven silence stays adopted, whatever becomes known later."""
    adopted = [h for h in r["history"] if h[2].startswith("lapsed:objection")]
    return not adopted or adopted[0] in fold(w.p, more)["history"]


def void_has_no_effect(w: World, given: Json, r: Json) -> bool:
    """6. A void act that nothing follows could as well not be there, save as proof of what it names."""
    named = {x for a in given["acts"] for x in (*a["after"], a.get("answers"), a.get("amends"))}
    for x in told(r):
        act = next(a for a in given["acts"] if a["id"] == x["id"])
        if x["verdict"] == "void" and x["id"] not in named and x["id"] != given["matter"] and "not_after" not in act:
            s = fold(w.p, {**given, "acts": [a for a in given["acts"] if a is not act]})
            if [a for a in r["acts"] if a["id"] != x["id"]] != s["acts"] or \
                    any(r[k] != s[k] for k in ("state", "since", "terms", "may", "history", "next")):
                return False
    return True


def may_is_true(w: World, given: Json, r: Json) -> bool:
    """7. Whoever may do an act can do it now; whoever may not cannot."""
    if not r["state"] or any(a["verdict"] == "waiting" for a in r["acts"]):
        return True
    w.now, targets = given["now"], [None, *(a["id"] for a in r["acts"] if a["verdict"] == "valid")]
    for p in w.parties:
        for kind, spec in w.p["acts"].items():
            can = False
            for aim in targets if "answers" in spec else [None]:
                a = {"id": digest("now"), "party": p, "index": 10**6, "kind": kind, "at": given["now"], "to": "public",
                     "after": r["heads"], "body": w.body(spec.get("form", []), p, False),
                     **({"answers": aim} if aim else {})}
                s = fold(w.p, {**given, "acts": [*given["acts"], a]})
                can |= next(x for x in s["acts"] if x["id"] == a["id"])["reason"] in BODY
            if can != (kind in r["may"].get(p, [])):
                return False
    return True


def proof_protects(w: World, given: Json, r: Json) -> bool:
    """8. No act counts as later than a witness of it, whatever others do."""
    proof = {a["id"]: a["not_after"] for a in given["acts"] if a.get("not_after") is not None}
    return all(x["time"] <= proof.get(x["id"], x["time"]) for x in told(r))


def histories(seed: str, count: int, paths: list[str]) -> int:
    failed = total = 0
    for path in paths:
        p, reached, reasons = load(path), Counter(), Counter()
        for i in range(count):
            w = World(p, f"{seed}/{i}", honest=i % 3 == 0)
            held, known, now = w.node(w.rng.choice((1.0, 1.0, 0.97, 0.9, 0.6)))
            more_held, more_known, more_now = w.node(0.9)
            given = w.knowledge(held, known, now)
            both = {q: sorted({*known[q], *more_known[q]}) for q in known}
            more = w.knowledge(held | more_held, both, max(now, more_now))
            r = fold(p, given)
            reached[str(r["state"])] += 1
            reasons.update(a["reason"] for a in r["acts"] if a["verdict"] == "void")
            checks = {"order": order_independent(w, given, r), "next": quiet_until_next(w, given, r),
                      "time": time_only_adds(w, given, r), "evidence": evidence_has_reasons(w, given, r, more),
                      "silence": not w.honest or silence_is_final(w, given, r, more),
                      "void": void_has_no_effect(w, given, r), "may": i % 10 > 0 or may_is_true(w, given, r),
                      "proof": proof_protects(w, given, r)}
            total += 1
            for name in [n for n, good in checks.items() if not good]:
                failed += 1
                print(f"FAIL {name}: {Path(path).stem} {seed}/{i}")
        unseen = sorted(set(p["states"]) - set(reached))
        print(f"{Path(path).stem}: {dict(reached.most_common())}{f' never: {unseen}' if unseen else ''}\n"
              f"    void: {dict(reasons.most_common())}")
    print(f"{total} histories, {failed} failures")
    return bool(failed)


# ---- spoiled procedure files
JUNK = [None, True, False, 0, 1, -1, 1.5, "", "x", "members", "opener", "actor", [], {}, ["x"], {"x": 1},
        {"field": "a.b"}, {"did": "x"}, "P1D", "PT1H", {"en": "x"}]


def spots(x: Any, path: tuple = ()) -> Iterator[tuple]:
    yield path
    for k, v in x.items() if isinstance(x, dict) else enumerate(x) if isinstance(x, list) else ():
        yield from spots(v, (*path, k))


def at(x: Any, path: tuple) -> Any:
    for step in path:
        x = x[step]
    return x


def spoil(p: Json, r: random.Random) -> None:
    """One thing is taken out, replaced by junk or by another part of the file, or renamed."""
    places = [s for s in spots(p) if s and not (len(s) > 1 and s[-2] in ("title", "about", "help"))]
    s, way = r.choice(places), r.randrange(4)
    if way == 0:
        del at(p, s[:-1])[s[-1]]
    else:
        names = [k for part in ("acts", "states", "terms", "roles") if isinstance(p.get(part), dict) for k in p[part]]
        at(p, s[:-1])[s[-1]] = copy.deepcopy(
            r.choice(JUNK) if way == 1 else at(p, r.choice(places)) if way == 2 else r.choice(names or ["x"]))


def spoiled(seed: str, count: int, paths: list[str]) -> int:
    r, passed, folded = random.Random(seed), 0, 0
    for i in range(count):
        p = load(r.choice(paths))
        for _ in range(r.choice((1, 1, 1, 2, 3))):
            spoil(p, r)
        if not faults(p):
            passed += 1
            for j in range(3):
                w = World(p, f"{seed}/{i}/{j}")
                fold(p, w.knowledge(*w.node(0.9)))
                folded += 1
    print(f"{count} spoiled files, {passed} pass check, {folded} histories of these folded")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    spoiling = sys.argv[1] == "spoil"
    seed, count, *files = sys.argv[2:] if spoiling else sys.argv[1:]
    sys.exit((spoiled if spoiling else histories)(seed, int(count), files))
