"""Scenarios: histories with the results that a diplomat would expect (docs/procedures.md, section 6)."""
from __future__ import annotations
import hashlib, json
from pathlib import Path
from typing import Any, Iterator
from forms import Json, duration, listed, micros
from reference import fold, load
from validate import faults

ROOT = Path(__file__).resolve().parents[2]
PROCEDURES, LABORATORY = ROOT / "procedures", ROOT / "tests" / "vectors" / "laboratory"


def act_id(name: str) -> str:
    """In a scenario an act has a name; its id is the SHA-256 of that name."""
    return hashlib.sha256(name.encode()).hexdigest()


class Scenario:
    def __init__(self, path: str):
        self.s = load(path)
        name = f"{self.s['procedure']}.json"
        self.procedure = load(next(p for p in (PROCEDURES / name, LABORATORY / name) if p.exists()))
        self.start = micros(self.s["start"])
        self.acts: list[Json] = []
        self.names: dict[str, str] = {}
        counts: dict[str, int] = {}
        for a in self.s["acts"]:
            for party in listed(a["by"]):
                name = a["id"] if isinstance(a["by"], str) else f"{a['id']}.{party}"
                counts[party] = a.get("index", counts.get(party, -1) + 1)
                self.names[act_id(name)] = name
                after = a.get("after", None)
                self.acts.append({
                    "id": act_id(name), "party": party, "index": counts[party], "kind": a["do"],
                    "at": self.time(a["at"]), "to": a.get("to", self.audience(a["do"], party)),
                    "body": self.real(a.get("body", {})),
                    "after": self.heads() if after is None else [act_id(x) for x in after],
                    **{k: act_id(a[k]) for k in ("answers", "amends") if k in a},
                    **({"fault": a["fault"]} if "fault" in a else {}),
                    **self.between(a.get("between"))})
        self.matter = self.acts[0]["id"]

    def audience(self, kind: str, party: str) -> Any:
        """The audience of an act that names none: for the opening act the scenario's, then as the kind or matter asks."""
        to = self.s["to"]
        if not self.acts:
            return to
        matter = to if isinstance(to, str) else sorted({*to, self.acts[0]["party"]})
        return self.procedure["acts"].get(kind, {}).get("to", matter)

    def time(self, t: str) -> int:
        """A time is RFC 3339, or a duration since the start of the scenario."""
        return self.start + duration(t) if duration(t) is not None else micros(t)

    def between(self, b: Any) -> Json:
        return {k: self.time(t) for k, t in zip(("not_before", "not_after"), b or ()) if t is not None}

    def real(self, v: Any) -> Any:
        """A body: ids for '@name', times for '+duration', n times x for {'repeat': [n, x]}, a digest for {'sha256': x}."""
        if isinstance(v, dict) and set(v) == {"sha256"}:
            return act_id(v["sha256"])
        if isinstance(v, dict) and set(v) == {"repeat"}:
            return self.real(v["repeat"][1]) * v["repeat"][0]
        if isinstance(v, dict):
            return {k: self.real(x) for k, x in v.items()}
        if isinstance(v, list):
            return [self.real(x) for x in v]
        if isinstance(v, str) and v[:1] == "@":
            return act_id(v[1:])
        return stamp(self.time(v[1:])) if isinstance(v, str) and v[:1] == "+" else v

    def heads(self) -> list[str]:
        followed = {x for a in self.acts for x in a["after"]}
        return [a["id"] for a in self.acts if a["id"] not in followed]

    def members(self) -> list | None:
        m = self.s.get("members")
        return m and [[self.time(t), who] for t, who in (m if isinstance(m[0], list) else [[self.s["start"], m]])]

    def inputs(self) -> Iterator[tuple[Json, Json]]:
        """Each view of the scenario, as the fold's input, with what is expected."""
        for view in self.s["views"]:
            without, seen = {act_id(n) for n in view.get("without", [])}, view.get("between", {})
            now, early = self.time(view["now"]), {act_id(n) for n in view.get("early", [])}
            acts = [{**a, **self.between(seen.get(self.names[a["id"]]))} for a in self.acts
                    if a["id"] not in without and (a["at"] <= now or a["id"] in early)]
            heard = {p: self.time(t) for p, t in view.get("heard", {}).items() if p != "*"}
            if "*" in view.get("heard", {}):
                heard = {**{a: self.time(view["heard"]["*"]) for _, who in self.members() or [] for a in who}, **heard}
            yield {"matter": self.matter, "acts": acts, "members": self.members(), "heard": heard,
                   "now": now}, view["expect"]

    def answers(self, result: Json) -> Json:
        """The result in the words of a scenario."""
        name = lambda x: self.names.get(x, x)
        acts = {name(a["id"]): a for a in result["acts"]}
        terms: dict[str, list[Json]] = {}
        for t in result["terms"]:
            terms.setdefault(f"{t['name']} {t['party']}" if t["party"] else t["name"], []).append(t)
        return {"state": result["state"], "since": result["since"], "next": result["next"],
                "acts": {n: " ".join(x for x in (a["verdict"], a["reason"], a["where"]) if x) for n, a in acts.items()},
                "remarks": {n: a["remarks"] for n, a in acts.items()}, "times": {n: a["time"] for n, a in acts.items()},
                "terms": {n: " ".join(t["status"] for t in ts) for n, ts in terms.items()},
                "due": {n: ts[-1]["due"] for n, ts in terms.items()}, "may": result["may"],
                "heads": [name(x) for x in result["heads"]], "missing": [name(x) for x in result["missing"]],
                "members": result.get("members", [])[-1:],
                "history": [s for _, s, _ in result["history"]]}

    def check(self) -> Iterator[tuple[str, Any, Any]]:
        """(what, expected, got) of every expectation."""
        for i, (given, expect) in enumerate(self.inputs()):
            got = self.answers(fold(self.procedure, given))
            for key, want in expect.items():
                if key in ("since", "next"):
                    yield f"view {i} {key}", want and self.time(want), got[key]
                elif key == "members":
                    yield f"view {i} members", sorted(want), got["members"][0][1] if got["members"] else []
                elif key in ("heads", "missing"):
                    yield f"view {i} {key}", sorted(want), sorted(got[key])
                elif key in ("state", "history"):
                    yield f"view {i} {key}", want, got[key]
                elif key == "remarks":
                    for n, w in want.items():
                        real = {k: self.time(v) - self.start if isinstance(v, str) and duration(v) is not None else
                                act_id(v) if isinstance(v, str) else v for k, v in w.items()}
                        yield f"view {i} remarks {n}", real, got["remarks"].get(n)
                else:
                    for n, w in want.items():
                        w = self.time(w) if key in ("due", "times") and w else sorted(w) if key == "may" else w
                        yield f"view {i} {key} {n}", w, got[key].get(n, [] if key == "may" else None)


def stamp(t: int) -> str:
    from datetime import timedelta
    from forms import EPOCH
    return (EPOCH + timedelta(microseconds=t)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def spoiled(path: str) -> Iterator[tuple[str, Any, Any]]:
    """Procedure files with one thing wrong: is a fault found where it is?"""
    for f in load(path):
        p = load(PROCEDURES / f"{f['in']}.json")
        *way, last = f["path"]
        spot = p
        for step in way:
            spot = spot[step]
        if "value" in f:
            spot[last] = f["value"]
        else:
            del spot[last]
        found = faults(p, f["in"])
        yield f"{f['why']} ({f['in']})", f["at"], f["at"] if any(x.startswith(f["at"]) for x in found) else found


def run(paths: tuple[str, ...]) -> int:
    passed = failed = 0
    for path in paths:
        checks = list(spoiled(path) if isinstance(load(path), list) else Scenario(path).check())
        bad = [c for c in checks if c[1] != c[2]]
        passed, failed = passed + len(checks) - len(bad), failed + len(bad)
        print(f"{'fail' if bad else 'pass'} {Path(path).stem} ({len(checks) - len(bad)}/{len(checks)})")
        for what, want, got in bad:
            print(f"     {what}: expected {want!r}, got {got!r}")
    print(f"{passed} passed, {failed} failed")
    return bool(failed)


def lines(paths: tuple[str, ...]) -> int:
    for path in paths:
        s = Scenario(path)
        for given, _ in s.inputs():
            line = {"procedure": s.s["procedure"], "input": given, "result": fold(s.procedure, given)}
            print(json.dumps(line, ensure_ascii=False))
    return 0
