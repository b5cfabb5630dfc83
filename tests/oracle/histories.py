"""Random histories: a true course of events, and what one node has come to know of it (docs/procedures.md, section 6)."""
from __future__ import annotations
import hashlib, json, random
from pathlib import Path
from typing import Any
from forms import Json, listed
from reference import fold, load
from scenario import stamp

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
START = 1_767_225_600_000_000                             # 1 January 2026
CODES = ["CHN", "JPN", "KOR", "MNG", "PRK", "RUS", "USA"]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class World:
    """What really happened: acts in their logs, and the moments at which others cosigned each log."""

    def __init__(self, procedure: Json, seed: str, honest: bool = False):
        self.p, self.seed, self.honest, self.rng = procedure, seed, honest, random.Random(seed)
        r = self.rng
        self.parties = sorted(r.sample(CODES, r.choice((2, 2, 2, 3, 3, 4, 5))))
        states = procedure["states"]
        ends = [m for m in procedure["moves"] if "if" not in m and states.get(m.get("to"), {}).get("final")]
        self.ends = {k for m in ends for k in listed(m["on"]) if isinstance(k, str)}      # ending the matter is rarer
        self.now = START + r.randrange(10**12)
        self.acts: list[Json] = []
        self.seen = {(p, q): 0 for p in self.parties for q in self.parties}
        self.logged: dict[str, int] = {}                  # id -> the true time of logging
        self.cosigned: dict[str, list[int]] = {p: [] for p in self.parties}
        self.members = None if r.random() < 0.3 else [[self.now - DAY, self.parties[:]]]
        if self.members and r.random() < 0.2:
            self.members.append([self.now + r.randrange(10 * DAY), sorted(r.sample(CODES, 3))])
        for _ in range(r.randrange(3, 31)):
            self.step()
        self.now += r.choice((0, 1, HOUR, DAY, 30 * DAY))
        self.cosign()

    # -- one more act
    def step(self) -> None:
        r, p = self.rng, self.rng.choice(self.parties)
        size = {q: sum(a["party"] == q for a in self.acts) for q in self.parties}
        for q in self.parties:                            # what p has seen of each log; it never forgets
            self.seen[p, q] = max(self.seen[p, q], size[q] - (r.randrange(3) if q != p and r.random() < 0.25 else 0))
        view = [a for a in self.acts if a["index"] < self.seen[p, a["party"]]] or self.acts[:1]
        state = fold(self.p, self.given(view, {}, self.now)) if self.acts else {"heads": [], "may": {}, "next": None}
        some = r.randrange(3 * HOUR), r.randrange(3 * DAY)
        self.now += r.choice((0, 0, 1, SECOND, 600 * SECOND, HOUR, *some, 20 * DAY))
        if state["next"] and state["next"] > self.now and r.random() < 0.2:
            self.now = state["next"] - r.choice((1, 1, 0))       # the very microsecond of a due time, or the next
        kinds = self.p["acts"]
        usual = [k for k in kinds if kinds[k].get("opens")] if not self.acts else state["may"].get(p, [])
        usual = usual if usual and r.random() < (0.9 if self.acts else 0.98) else sorted(kinds)
        kind = r.choices(usual, [0.1 if k in self.ends else 1 for k in usual])[0]
        spec, a_id = kinds[kind], digest(f"{self.seed}/{len(self.acts)}")
        wrong = r.choice((-200 * SECOND, -200 * SECOND, -HOUR, 300 * SECOND, -3 * DAY, 2 * DAY))
        skew = 0 if self.honest or r.random() < 0.8 else wrong             # of the author's clock
        a = {"id": a_id, "party": p, "index": size[p], "kind": kind, "at": self.now + skew, "after": state["heads"],
             "to": self.audience(spec), "body": self.body(spec.get("form", []), p)}
        if view and r.random() < 0.4 and view[-1]["kind"] in state["may"].get(p, []):       # follow suit, as parties do
            a["kind"], spec = view[-1]["kind"], kinds[view[-1]["kind"]]
            a.update(to=self.audience(spec), body=self.body(spec.get("form", []), p))
            kind = a["kind"]
        for n in listed(spec.get("notice")):
            if n.get("strict") and n["field"] in a["body"] and isinstance(a["body"], dict) and r.random() < 0.8:
                a["body"][n["field"]] = stamp(self.now + r.choice((8, 9, 30)) * DAY)
        if "committed" in spec and isinstance(a["body"], dict) and r.random() < 0.8:
            a["body"][spec["committed"]["of"]] = f"secret of {p}"
        own = [b["id"] for b in view if (b["party"], b["kind"]) == (p, kind)]
        aims = [b["id"] for b in view if b["kind"] in listed(spec.get("answers"))]
        if own and r.random() < (0.15 if spec.get("amend") else 0.03):
            a["amends"] = r.choice(own)
        elif aims and r.random() < 0.95:
            a["answers"] = aims[-1] if r.random() < 0.7 else r.choice(aims)
        elif self.acts and r.random() < 0.05:
            a["answers"] = r.choice(view)["id"]
        if not self.honest:
            if r.random() < 0.015:
                a["fault"] = "no-mandate"
            if r.random() < 0.01 and size[p]:
                a["index"] -= 1                           # a fork of its log
            if r.random() < 0.004:
                a["after"] = [*a["after"], digest("never seen")]
        self.acts.append(a)
        self.logged[a_id] = self.now
        if r.random() < 0.5:
            self.cosign()

    def cosign(self) -> None:
        for p in self.parties:
            if self.rng.random() < 0.7:
                self.cosigned[p].append(self.now + self.rng.choice((0, 1, SECOND)))

    def audience(self, spec: Json) -> Any:
        if not self.acts and not self.members:
            return "public" if spec.get("to") == "public" else self.parties
        if self.acts and self.rng.random() < 0.97:
            usual = self.acts[0]["to"]
            usual = usual if isinstance(usual, str) else sorted({*usual, self.acts[0]["party"]})
            return spec.get("to", usual)
        if self.rng.random() < 0.9 and "to" in spec:
            return spec["to"]
        return self.rng.choice(("members", self.parties, self.rng.sample(self.parties, 2)))

    # -- bodies
    def body(self, form: list[str], party: str, spoil: bool = True) -> Any:
        r, fields = self.rng, self.p.get("fields", {})
        names = [n.rstrip("?") for n in form if not n.endswith("?") or r.random() < 0.4]
        out = {n: self.value(fields[n], party) for n in names}
        if spoil and r.random() < (0.04 if self.acts else 0.01):
            name = r.choice([*out, "unknown/~x"])
            junk = r.choice((None, 7, 0.5, "", "x", [], {}, True, "2026-13-01T00:00Z", ["JPN", "JPN"]))
            return r.choice(({**out, name: junk}, [], {}))
        return out

    def value(self, f: Json, party: str) -> Any:
        r, kind = self.rng, f["type"]
        if f.get("many"):
            return [self.value({**f, "many": False}, party) for _ in range(r.randrange(1, 3))]
        if kind == "group":
            return self.body(f["of"], party, False)
        when = r.choice((-20 * DAY, -HOUR, HOUR, 26 * HOUR, 2 * DAY, 8 * DAY, 15 * DAY, 43 * DAY, 200 * DAY))
        point = {"lat": r.choice((38, 37.5, -90)), "lon": r.choice((131, 124.25, 180))}
        code, low = r.choice(f.get("codes", [{"code": ""}]))["code"], f.get("min", 0)
        ids = [a["id"] for a in self.acts] or [digest("none")]
        return {
            "text": "text", "longtext": "one\ntwo 平和", "choice": code, "choices": [code], "boolean": r.random() < 0.5,
            "integer": r.randint(low, min(low + 3, f.get("max", 9))), "decimal": r.choice((low, low + 1, low + 0.5)),
            "range": {"low": low, "best": low + 1, "high": low + 2.5}, "duration": r.choice(("PT48H", "P1DT0.000001S")),
            "time": stamp(self.now + when), "period": {"start": stamp(START), "end": stamp(START + DAY)},
            "place": {**point, "names": {"ja": "日本海", "KOR": "동해"}},
            "area": {"circle": {**point, "radius": 5000}, "upper": 9000},
            "party": r.choice(self.parties),
            "parties": r.sample(self.parties, r.choice((len(self.parties), r.randrange(1, len(self.parties))))),
            "officer": "duty officer", "matter": digest("matter"), "act": r.choice(ids),
            "digest": digest(r.choice((f"secret of {party}", "text"))),
            "file": {"sha256": digest("file"), "name": "a.pdf", "type": "application/pdf", "size": 7},
            "texts": [{"lang": "en", "text": "text", "authentic": True}, {"lang": "ja", "text": "本文"}]}[kind]

    # -- what a node knows
    def given(self, acts: list[Json], heard: Json, now: int) -> Json:
        return {"matter": self.acts[0]["id"], "acts": acts, "members": self.members, "heard": heard, "now": now}

    def knowledge(self, held: set[str], known: dict[str, list[int]], now: int) -> Json:
        """The fold's input for a node that holds these acts and has seen these cosignatures."""
        acts, heard = [], {}
        for a in self.acts:
            if a["id"] in held:
                earlier = [c for c in known[a["party"]] if c < self.logged[a["id"]]]
                later = [c for c in known[a["party"]] if c >= self.logged[a["id"]]]
                slip = 0 if self.honest or self.rng.random() < 0.9 else self.rng.choice((-HOUR, HOUR))
                acts.append({**a, **({"not_before": max(earlier) + slip} if earlier else {}),
                             **({"not_after": min(later)} if later else {})})
        for p in self.parties:
            missing = [self.logged[a["id"]] for a in self.acts if a["party"] == p and a["id"] not in held]
            proven = [c for c in known[p] if c < min(missing, default=c + 1)]
            if proven:
                heard[p] = max(proven)
        return self.given(acts, heard, now)

    def node(self, part: float) -> tuple[set[str], dict[str, list[int]], int]:
        """A random part of what there is to know."""
        r = self.rng
        held = {a["id"] for a in self.acts[1:] if r.random() < part} | {self.acts[0]["id"]}
        known = {p: [c for c in cs if r.random() < part] for p, cs in self.cosigned.items()}
        earlier = r.choice(list(self.logged.values())) + r.choice((0, 1, HOUR))
        return held, known, self.now if r.random() < 0.7 else earlier


def emit(seed: int, count: int, path: str) -> int:
    procedure = load(path)
    for i in range(count):
        w = World(procedure, f"{seed}/{i}")
        given = w.knowledge(*w.node(w.rng.choice((1.0, 0.97, 0.9, 0.6))))
        w.rng.shuffle(given["acts"])
        line = {"procedure": Path(path).stem, "input": given, "result": fold(procedure, given)}
        print(json.dumps(line, ensure_ascii=False))
    return 0
