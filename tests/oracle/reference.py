#!/usr/bin/env python3
"""The rules engine of Comity in executable form: docs/procedures.md, section by section. Python standard library only.

  reference.py check FILE...                every fault of these procedure files
  reference.py run SCENARIO...              pass or fail of every expectation; closes with 'N passed, N failed'
  reference.py lines SCENARIO...            the same scenarios as JSON lines {"procedure", "input", "result"}
  reference.py fold PROCEDURE < input.json  the state of one matter
  reference.py random SEED N PROCEDURE      N random histories and their results, as the same JSON lines
"""
from __future__ import annotations
import hashlib, heapq, json, sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable
from forms import Json, duration, fault, listed, micros, walk
from order import Act, in_order

MINUTE = 60_000_000


@dataclass(eq=False)
class Term:
    name: str
    party: str | None                                     # None for an alarm
    origin: str                                           # the act that led to it
    begun: int
    number: int
    due: int | None = None
    wakes: int | None = None                              # when it turns past: its due time, never before it was set
    status: str = "open"
    by: str | None = None                                 # the act that performed it


@dataclass
class Event:
    """An act, or a term that turns past or lapsed."""
    time: int
    on: Any = None
    actor: str | None = None
    origin: str = ""
    cause: str = ""
    answered: Act | None = None                           # the act that this act answers


class Fold:
    """One matter on its way through time."""

    def __init__(self, procedure: Json, matter: str, acts: list[Act], members: list | None, heard: Json, now: int):
        self.kinds, self.states, self.specs = procedure["acts"], procedure["states"], procedure.get("terms", {})
        self.fields, self.roles, self.moves = procedure.get("fields", {}), procedure["roles"], procedure["moves"]
        self.live = [name for name, s in self.states.items() if not s.get("final")]
        self.rights = {k for s in self.specs.values() if s.get("kind") == "right" for k in s["do"]}
        self.founds = any("members" in s for s in self.states.values())      # does this matter found a conference?
        self.matter, self.now, self.steps = matter, now, members
        self.order, self.waiting = in_order(matter, list({a.id: a for a in acts}.values()), now)
        self.all = {a.id for a in acts}
        deaf = {a.party for a in self.waiting if a.reason == "missing"}
        self.heard = {p: t for p, t in heard.items() if p not in deaf}
        self.state: str | None = None
        self.since: int | None = None
        self.mover: Act | None = None                     # the act that brought about the state
        self.audience: Any = None                         # of the matter
        self.parties: set[str] = set()
        self.addressees: set[str] = set()
        self.held: dict[str, Act] = {}                    # every act folded so far
        self.done: dict[tuple[str, str], list[Act]] = defaultdict(list)      # valid acts by kind and party
        self.valid: dict[str, list[Act]] = defaultdict(list)                 # the same by kind
        self.terms: list[Term] = []
        self.batches: list[tuple[str, Event]] = []        # every beginning of a term
        self.timers: list[tuple[int, int]] = []           # (wakes, number of the term)
        self.history: list = []
        self.membership: list = []

    def run(self) -> Json:
        for a in self.order:
            self.pass_time(a.time)
            self.fold(a)
        self.pass_time(self.now)
        return self.result()

    # -- acts
    def fold(self, a: Act) -> None:
        self.held[a.id] = a
        if a.id == self.matter:
            self.audience = a.to
            self.addressees = (self.members(a.time) if isinstance(a.to, str) else set(a.to)) - {a.party}
            self.parties = self.addressees | {a.party}
        if abs(a.t - a.at) > 5 * MINUTE:
            a.remarks["time-corrected"] = a.t - a.at
        if a.not_before is not None and a.not_after is not None and a.not_before > a.not_after:
            a.remarks["witnesses-disagree"] = a.not_before - a.not_after
        answered = self.held.get(a.answers or "")
        a.reason = self.broken(a, answered)
        a.verdict = "void" if a.reason else "valid"
        news = self.latest(self.kinds[a.kind]["answers"]) if a.reason == "stale" else self.mover
        if news and a.seen.get(news.current.party, -1) < news.current.index:
            a.remarks["crossed"] = news.current.id
        if a.reason:
            return
        if a.amends:
            a.root = self.held[a.amends].root
            a.root.current = a
            self.rebind(a)
        else:
            self.done[a.kind, a.party].append(a)
            self.valid[a.kind].append(a)
            self.perform(a, answered)
            for r in self.undoable(a.kind, a.party, answered):
                r.undone = True
                self.release(t for t in self.terms if t.origin == r.id and t.status in ("open", "past"))
            self.fire(Event(a.time, a.kind, a.party, a.id, a.id, answered))
        self.note_members(a.time)

    def broken(self, a: Act, answered: Act | None) -> str | None:
        """The first rule that the act breaks, None where it is valid."""
        spec = self.kinds.get(a.kind)
        if a.fault or spec is None:
            return a.fault or "unknown-act"
        a.where = fault(spec.get("form", []), self.fields, a.body)
        if a.where is not None:
            return "bad-form"
        if self.state is None and (a.id != self.matter or not spec.get("opens")):
            return "not-open"
        why = self.why_not_amend(a) if a.amends else self.why_not(a.kind, a.party, answered, a.time)
        if why:
            return why
        if "committed" in spec:
            digest = hashlib.sha256(a.body[spec["committed"]["of"]].encode("utf-8", "surrogatepass")).hexdigest()
            kind, *path = spec["committed"]["to"].split(".")
            if not any(walk(r.current.body, path) == digest for r in self.done[kind, a.party] if not r.undone):
                return "not-committed"
        for rule in listed(spec.get("notice")):
            start = micros(walk(a.body, rule["field"].split(".")), "year")
            short = 0 if start is None else a.time + duration(rule["least"]) - start
            if short > 0 and rule.get("strict"):
                return "short-notice"
            if short > 0:
                a.remarks["short-notice"] = max(short, a.remarks.get("short-notice", 0))
        return None if self.covers(a, spec.get("to", self.audience)) else "narrow-audience"

    def why_not(self, kind: str, party: str, answered: Act | None, time: int) -> str | None:
        """Why this party may not do this kind of act now, as far as the body does not matter."""
        spec = self.kinds[kind]
        if self.state not in ([None] if spec.get("opens") else spec.get("in", self.live)):
            return "wrong-state"
        if "answers" in spec:
            if answered is None or answered.verdict != "valid" or answered.kind not in listed(spec["answers"]):
                return "bad-answer"
            if answered.root.undone or spec.get("latest") and answered is not self.latest(spec["answers"]).current:
                return "stale"
        event = Event(time, actor=party, answered=answered)
        if party not in self.set(spec["by"], event):
            return "wrong-party"
        if spec.get("once") and self.did(party, kind, None, answered if "answers" in spec else None):
            return "repeated"
        if "undoes" in spec and not self.undoable(kind, party, answered):
            return "nothing-to-undo"
        if kind in self.rights:
            mine = [t for t in self.terms if t.party == party and kind in self.specs[t.name]["do"]
                    and self.specs[t.name].get("kind") == "right" and t.status != "released"]
            if not any(t.due is None or time <= t.due for t in mine):
                return "out-of-time" if mine else "no-right"
        return "guard" if "if" in spec and not self.holds(spec["if"], event) else None

    def why_not_amend(self, a: Act) -> str | None:
        root = self.held[a.amends].root
        if not self.kinds[a.kind].get("amend") or self.held[a.amends].verdict != "valid" or root.undone \
                or (root.party, root.kind) != (a.party, a.kind):
            return "bad-amend"
        return None if self.state in self.live else "wrong-state"

    def covers(self, a: Act, wanted: Any) -> bool:
        """Does the audience of the act take in the wanted one?"""
        if a.to == "public" or wanted == "public":
            return a.to == "public"
        reads = self.members(a.time) if a.to == "members" else set(a.to)
        return (self.members(a.time) if wanted == "members" else self.parties) <= reads | {a.party}

    def perform(self, a: Act, answered: Act | None) -> None:
        """The act performs one term of each name: the one that began with the act it answers, else the oldest."""
        for name, spec in self.specs.items():
            if a.kind not in spec.get("do", []):
                continue
            mine = [t for t in self.terms if (t.name, t.party) == (name, a.party)]
            if answered:
                mine = [t for t in mine if t.origin == answered.root.id] or mine
            able = ("open",) if spec.get("kind") == "right" else ("open", "past", "lapsed")
            t = next((t for t in mine if t.status in able), None)
            if t:
                late = 0 if t.due is None else max(0, a.time - t.due)
                t.status, t.by = "late" if late else "done", a.id
                if late:
                    a.remarks["late"] = max(late, a.remarks.get("late", 0))

    def undoable(self, kind: str, party: str, answered: Act | None) -> list[Act]:
        """What this act would undo: its author's own act that it answers, else all of its author's of those kinds."""
        spec, kinds = self.kinds[kind], listed(self.kinds[kind].get("undoes"))
        found = [answered.root] if "answers" in spec and answered else [r for k in kinds for r in self.done[k, party]]
        return [r for r in found if r.party == party and r.kind in kinds and not r.undone]

    def rebind(self, a: Act) -> None:
        """The terms that the amended act began follow the new body: parties in and out, due times of open terms."""
        for name, first in [b for b in self.batches if b[1].origin == a.root.id]:
            event = Event(a.time, None, first.actor, a.root.id, a.id, first.answered)
            bound = self.bound(name, event)
            mine = [t for t in self.terms if (t.name, t.origin) == (name, a.root.id)]
            self.release(t for t in mine if t.party not in bound and t.status in ("open", "past"))
            for t in mine:
                if t.status == "open" and "until" in self.specs[name]:
                    self.schedule(t, self.due(name, event), a.time)
            self.begin(name, event, [p for p in bound if p not in {t.party for t in mine}])

    # -- terms
    def bound(self, name: str, event: Event) -> list:
        """Whom a term binds: an alarm nobody (None), and no term a party that does not read the matter."""
        if self.specs[name].get("kind") == "alarm":
            return [None]
        who = self.set(self.specs[name]["of"], event)
        readers = self.parties | (self.members(event.time) if self.audience == "members" else set())
        return sorted(who if self.audience == "public" else who & readers)

    def begin(self, name: str, event: Event, parties: list) -> None:
        for p in parties:
            if not any((t.name, t.party, t.origin, t.status) == (name, p, event.origin, "open") for t in self.terms):
                self.terms.append(Term(name, p, event.origin, event.time, len(self.terms)))
                self.schedule(self.terms[-1], self.due(name, event), event.time)

    def schedule(self, t: Term, due: int | None, time: int) -> None:
        t.due, t.wakes = due, None if due is None else max(due, time)
        if due is not None:
            heapq.heappush(self.timers, (t.wakes, t.number))

    def due(self, name: str, event: Event) -> int | None:
        spec = self.specs[name]
        if "within" in spec:
            return event.time + duration(spec["within"])
        until = micros(self.value(spec["until"]), "year") if "until" in spec else None
        return None if until is None else until + duration(spec.get("plus", "PT0S"))

    def release(self, terms: Iterable[Term]) -> None:
        for t in list(terms):
            t.status = "released"

    def pass_time(self, until: int) -> None:
        """Every open term due before `until` turns past; where its party is proven silent, it lapses."""
        while self.timers and self.timers[0][0] < until:
            wakes, number = heapq.heappop(self.timers)
            t = self.terms[number]
            if t.status != "open" or t.wakes != wakes:
                continue
            for status in ("past", "lapsed"):
                if status == "lapsed" and (t.status != "past" or self.state not in self.live or t.party is None
                                           or t.party not in self.heard or self.heard[t.party] <= t.due):
                    break
                t.status = status
                cause = f"{status}:{t.name}" + (f":{t.party}" if t.party else "")
                self.fire(Event(wakes, {status: t.name}, t.party, t.origin, cause))
                self.note_members(wakes)

    # -- moves
    def fire(self, event: Event) -> None:
        """The first move that fits is made; no other."""
        opening = isinstance(event.on, str) and self.kinds[event.on].get("opens")
        for m in self.moves:
            source = m.get("from", [None] if opening else self.live)
            if event.on in listed(m["on"]) and self.state in source and ("if" not in m or self.holds(m["if"], event)):
                break
        else:
            return
        self.release(t for t in self.terms if t.name in m.get("release", []) and t.status in ("open", "past"))
        if m.get("to", self.state) != self.state:
            self.state, self.since, self.mover = m["to"], event.time, self.held.get(event.cause)
            self.history.append([event.time, self.state, event.cause])
        if self.state not in self.live:
            return self.release(t for t in self.terms if t.status == "open")
        for name in m.get("begin", []):
            self.batches.append((name, event))
            self.begin(name, event, self.bound(name, event))

    # -- questions that roles, guards and due times ask
    def members(self, time: int) -> set[str]:
        if self.founds:
            return set(self.membership[-1][1]) if self.membership else set()
        if self.steps is None:
            return self.parties
        return set(next((who for t, who in reversed(self.steps) if t <= time), ()))

    def note_members(self, time: int) -> None:
        role = self.states.get(self.state or "", {}).get("members")
        who = sorted(self.set(role, Event(time))) if role else []
        if who != (self.membership[-1][1] if self.membership else []):
            self.membership.append([time, who])

    def set(self, s: Any, event: Event) -> set[str]:
        """The parties that a role, or the expression that defines one, names now."""
        if isinstance(s, list):
            return set().union(*(self.set(x, event) for x in s))
        if isinstance(s, str):
            own = {"addressees": self.addressees, "parties": self.parties, "opener": self.parties - self.addressees,
                   "members": self.members(event.time), "actor": {event.actor} - {None}}
            return own[s] if s in own else self.set(self.roles[s]["is"], event)
        if "except" in s:
            return self.set(s["of"], event) - self.set(s["except"], event)
        if "field" in s:
            return set(listed(self.value(s["field"])))
        if "named" in s:
            kind, *path = s["named"].split(".")
            root = event.answered.root if event.answered else None
            return set(listed(walk(root.current.body, path))) if root and root.kind == kind else set()
        if "answered" in s:
            r = self.latest(s["answered"])
            return {self.held[r.answers].party} if r and r.answers else set()
        return {p for k, p in list(self.done) if k in listed(s["did"]) and self.did(p, k, s.get("where"))}

    def value(self, ref: Any) -> Any:
        """What stands at 'kind.field' in the latest valid act of that kind (of these kinds)."""
        paths = {r.split(".")[0]: r.split(".")[1:] for r in listed(ref)}
        r = self.latest(list(paths))
        return walk(r.current.body, paths[r.kind]) if r else None

    def latest(self, kinds: Any) -> Act | None:
        """The latest valid act of these kinds that is not undone (the first version of it)."""
        found = [next((r for r in reversed(self.valid[k]) if not r.undone), None) for k in listed(kinds)]
        return max((r for r in found if r), key=lambda r: (r.time, r.depth, r.id), default=None)

    def did(self, party: str, kind: str, where: Json | None = None, answered: Act | None = None) -> bool:
        """Has the party a current act of this kind (answering this act)? The latest one speaks for it."""
        spec = self.kinds[kind]
        aim = self.latest(spec["answers"]) if spec.get("latest") else None
        for r in reversed(self.done[kind, party]):
            if not r.undone and (answered is None or r.answers == answered.id) \
                    and (not spec.get("latest") or aim and r.answers == aim.current.id):
                return all(has(r.current.body.get(name), values) for name, values in (where or {}).items())
        return False

    def holds(self, g: Json, event: Event) -> bool:
        if "and" in g:
            return all(self.holds(x, event) for x in g["and"])
        if "or" in g:
            return any(self.holds(x, event) for x in g["or"])
        if "not" in g:
            return not self.holds(g["not"], event)
        if "term" in g:
            return any(t.name == g["term"] and t.status in g["is"] for t in self.terms)
        if "field" in g:
            return has(self.value(g["field"]), g["is"])
        if g.get("same") and not event.answered:
            return False
        who = self.set(g["each"] if "each" in g else g["of"], event)
        same = event.answered if g.get("same") else None
        n = sum(any(self.did(p, k, g.get("where"), same) for k in listed(g["did"])) for p in who)
        return n >= g.get("least", max(1, len(who)))

    # -- the result
    def may(self) -> dict[str, list[str]]:
        """The kinds of act that each party may do now."""
        out: dict[str, set[str]] = defaultdict(set)
        for kind, spec in self.kinds.items():
            aims = [r.current for k in listed(spec.get("answers")) for r in self.valid[k] if not r.undone]
            for aim in aims if "answers" in spec else [None]:
                for p in self.set(spec["by"], Event(self.now, answered=aim)):
                    if not self.why_not(kind, p, aim, self.now):
                        out[p].add(kind)
        return {p: sorted(kinds) for p, kinds in sorted(out.items())}

    def result(self) -> Json:
        read = [a for a in self.order if self.audience is None or self.covers(a, self.audience)]
        followed = {x for a in read for x in (*a.after, a.answers, a.amends, self.matter) if x != a.id}
        newest = {a.party: a.index for a in sorted(read, key=lambda a: a.index)}
        heads = [a.id for a in read if a.id not in followed and a.index == newest[a.party]]
        missing = {x for a in self.waiting for x in (*a.after, a.answers, a.amends, self.matter) if x} - self.all
        soon = [t.wakes + 1 for t in self.terms if t.wakes is not None and t.wakes >= self.now
                and (t.status == "open" or t.status == "done" and self.specs[t.name].get("kind") == "right")]
        soon += [a.time for a in self.waiting if a.reason == "ahead"]
        soon += [t for t, _ in self.steps or [] if t > self.now]
        acts = [{"id": a.id, "time": a.time if a.verdict != "waiting" else None, "verdict": a.verdict,
                 "reason": a.reason, "where": a.where, "remarks": a.remarks} for a in self.order + self.waiting]
        terms = [{"name": t.name, "party": t.party, "origin": t.origin, "begun": t.begun, "due": t.due,
                  "status": t.status, "by": t.by} for t in self.terms]
        return {"state": self.state, "since": self.since, "acts": acts, "terms": terms,
                "may": self.may() if self.state else {}, "heads": sorted(heads), "missing": sorted(missing),
                "next": min(soon, default=None), "history": self.history,
                **({"members": self.membership} if self.founds else {})}


def has(value: Any, values: list) -> bool:
    """Is the value, or one of a list of values, among these?"""
    return any(type(x) == type(v) and x == v for x in listed(value) for v in values)


def fold(procedure: Json, given: Json) -> Json:
    acts = [Act(**a) for a in given["acts"]]
    return Fold(procedure, given["matter"], acts, given.get("members"), given.get("heard", {}), given["now"]).run()


def load(path: str | Path) -> Json:
    return json.loads(Path(path).read_text("utf-8"))


def main(command: str, *args: str) -> int:
    if command == "check":
        from validate import faults
        found = [f"{path}: {text}" for path in args for text in faults(load(path), Path(path).stem)]
        print("\n".join(found) or f"{len(args)} files, no fault")
        return bool(found)
    if command in ("run", "lines"):
        from scenario import lines, run
        return run(args) if command == "run" else lines(args)
    if command == "fold":
        print(json.dumps(fold(load(args[0]), json.load(sys.stdin)), ensure_ascii=False, indent=1))
        return 0
    from histories import emit
    return emit(int(args[0]), int(args[1]), args[2])


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("check", "run", "lines", "fold", "random"):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
