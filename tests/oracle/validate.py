"""What can be wrong with a procedure file, found before any party adopts it (docs/procedures.md, section 5)."""
from __future__ import annotations
import re
from typing import Any, Iterator
from forms import PRECISIONS, TYPES, Json, duration, is_text, listed

LANGUAGES = ("en", "ja", "zh", "ko")
NAME = re.compile(r"[a-z][a-z0-9_]*")
OWN_ROLES = ("opener", "addressees", "parties", "members", "actor")
STATUSES = ("open", "done", "late", "past", "lapsed", "released")
# keys of each kind of entry: those it must have, those it may have
KEYS = {
    "procedure": ("procedure version title about roles states acts moves", "source fields terms"),
    "role": ("title is", ""),
    "state": ("title", "final members"),
    "field": ("type title", "help number unit codes min max precision of many"),
    "act": ("title by", "help opens in form once amend answers latest undoes committed notice to if"),
    "term": ("title", "kind of do within until plus"),
    "move": ("on", "from if to begin release"),
}
SHAPES = {
    dict: "title about help roles states fields acts terms if", bool: "final opens once amend latest many",
    list: "in form from begin release do codes moves", int: "version min max", str: "procedure kind type precision"}
SHAPE = {key: kind for kind, names in SHAPES.items() for key in names.split()}
FITS = {"codes": ("choice", "choices"), "min": ("integer", "decimal", "range"),
        "max": ("integer", "decimal", "range", "text", "longtext"), "unit": ("integer", "decimal", "range"),
        "precision": ("time", "period"), "of": ("group",)}


def keys(what: str, kind: str, entry: Any) -> Iterator[str]:
    must, may = (set(s.split()) for s in KEYS[kind])
    if not isinstance(entry, dict):
        yield f"{what}: must be an object"
        return
    yield from (f"{what}: lacks '{k}'" for k in sorted(must - set(entry)))
    yield from (f"{what}: unknown key '{k}'" for k in sorted(set(entry) - must - may))
    for k, v in entry.items():
        if k in SHAPE and type(v) is not SHAPE[k]:
            yield f"{what}: '{k}' has the wrong shape"
        elif k in ("title", "about", "help"):
            yield from texts(f"{what}.{k}", v)


def texts(what: str, t: Any) -> Iterator[str]:
    if not isinstance(t, dict) or set(t) != set(LANGUAGES) or not all(is_text(x, 2000) for x in t.values()):
        yield f"{what}: needs a text in each of {', '.join(LANGUAGES)}"


def empty(what: str, x: Any) -> Iterator[str]:
    """No list in a procedure file is empty, and nothing is null: such things are left out."""
    if x == [] or x is None:
        yield f"{what}: is empty"
    for k, v in x.items() if isinstance(x, dict) else enumerate(x) if isinstance(x, list) else ():
        yield from empty(f"{what}.{k}".removeprefix("procedure."), v)


def faults(p: Json, stem: str | None = None) -> list[str]:
    """All faults; where the shape is wrong, only these, since nothing else can be said then."""
    found = list(shape_faults(p))
    if stem and isinstance(p, dict) and p.get("procedure") != stem:
        found.append(f"procedure: must be named '{stem}', as its file is")
    try:
        return found or list(Check(p).run())
    except (TypeError, KeyError, AttributeError, ValueError) as e:
        return [f"procedure: malformed ({e!r})"]


def shape_faults(p: Any) -> Iterator[str]:
    wrong = [*keys("procedure", "procedure", p), *empty("procedure", p)]
    yield from wrong
    if wrong:
        return
    for section in ("roles", "states", "fields", "acts", "terms"):
        kind = section.removesuffix("s")
        for name, entry in p.get(section, {}).items():
            if not NAME.fullmatch(name):
                yield f"{section}.{name}: a name is lower-case letters, digits and _"
            yield from keys(f"{section}.{name}", kind, entry)
    for i, m in enumerate(p.get("moves", [])):
        yield from keys(f"moves.{i}", "move", m)


class Check:
    """The checks that follow references; every method yields faults."""

    def __init__(self, p: Json):
        self.p, self.roles, self.states, self.acts = p, p["roles"], p["states"], p["acts"]
        self.fields, self.terms, self.moves = p.get("fields", {}), p.get("terms", {}), p["moves"]
        self.live = [s for s, spec in self.states.items() if not spec.get("final")]
        self.ways: list[tuple[int, str | None, Any, str | None]] = []      # (move, from, event, to) that can be made
        self.reach: set[str | None] = {None}
        self.pending: dict[str, set[str | None]] = {name: set() for name in self.terms}

    def run(self) -> Iterator[str]:
        checks = (self.check_fields, self.check_roles, self.check_acts, self.check_terms, self.check_moves)
        found = [text for check in checks for text in check()]
        if not found:
            self.explore()
            found = [*self.check_reach(), *self.check_use()]
        yield from found

    # -- references
    def known(self, what: str, names: Any, table: Any, kind: str) -> Iterator[str]:
        yield from (f"{what}: no {kind} '{n}'" for n in listed(names) if not isinstance(n, str) or n not in table)

    def path(self, what: str, refs: Any, types: tuple[str, ...] | None = None) -> Iterator[str]:
        """Do 'act.field' references lead to a field, of one of these types?"""
        for ref in listed(refs):
            kind, *names = ref.split(".") if isinstance(ref, str) else [""]
            form, f = [n.rstrip("?") for n in self.acts.get(kind, {}).get("form", [])], None
            for name in names:
                f = self.fields.get(name) if name in form else {"type": "time"} if f and f["type"] == "period" and \
                    name in ("start", "end") else None
                form = f["of"] if f and f["type"] == "group" else []
                form = [n.rstrip("?") for n in form]
                if f is None:
                    break
            if f is None or not names:
                yield f"{what}: '{ref}' is no field of an act"
            elif types and f["type"] not in types:
                yield f"{what}: '{ref}' is of type {f['type']}, wanted {' or '.join(types)}"

    def guard(self, what: str, g: Any, where: str, events: list) -> Iterator[str]:
        """Is this a guard? It stands in an act or a move (`where`) and is asked on these events."""
        if not isinstance(g, dict):
            yield f"{what}: a guard is an object"
        elif set(g) in ({"and"}, {"or"}):
            parts = g.get("and", g.get("or"))
            if not isinstance(parts, list):
                yield f"{what}: 'and' and 'or' take a list"
            for x in listed(parts):
                yield from self.guard(what, x, where, events)
        elif set(g) == {"not"}:
            yield from self.guard(what, g["not"], where, events)
        elif "is" in g and (not isinstance(g["is"], list) or not g["is"]):
            yield f"{what}: 'is' takes a list"
        elif set(g) == {"term", "is"}:
            if not isinstance(g["term"], str):
                yield f"{what}: 'term' takes one name"
            yield from self.known(what, g["term"], self.terms, "term")
            yield from self.known(what, g["is"], STATUSES, "status")
        elif set(g) == {"field", "is"}:
            yield from self.path(what, g["field"])
            yield from self.codes(what, g["field"], g["is"])
            yield from self.fixed(what, g["field"])
        elif set(g) - {"where", "same"} in ({"each", "did"}, {"least", "of", "did"}):
            yield from self.role(what, g.get("each", g.get("of")), where)
            yield from self.known(what, g["did"], self.acts, "act")
            yield from self.where(what, g)
            if "least" in g and (type(g["least"]) is not int or g["least"] < 1):
                yield f"{what}: 'least' is a number from 1"
            answering = [k for k, a in self.acts.items() if "answers" in a]
            if g.get("same") and not all(k in answering for k in [*events, *listed(g["did"])]):
                yield f"{what}: 'same' needs acts that answer"
        else:
            yield f"{what}: no such guard: {sorted(g)}"

    def where(self, what: str, g: Json) -> Iterator[str]:
        for name, values in g.get("where", {}).items():
            for kind in listed(g["did"]):
                yield from self.path(what, f"{kind}.{name}")
                yield from self.codes(what, f"{kind}.{name}", values)
                yield from self.fixed(what, f"{kind}.{name}")

    def fixed(self, what: str, ref: Any) -> Iterator[str]:
        """What a guard reads must not change without an event."""
        yield from (f"{what}: reads '{r}', whose act may be amended without any move: let it be repeated instead"
                    for r in listed(ref) if self.acts.get(r.split(".")[0], {}).get("amend"))

    def codes(self, what: str, ref: Any, values: Any) -> Iterator[str]:
        if not isinstance(values, list) or not all(type(x) in (str, int, bool) for x in values):
            yield f"{what}: compares with a list of texts, whole numbers or booleans"
            return
        for r in listed(ref):
            f = self.fields.get(r.split(".")[-1], {})
            if "codes" in f:
                yield from self.known(what, values, {c["code"] for c in f["codes"]}, "code")

    def role(self, what: str, s: Any, where: str, path: tuple = ()) -> Iterator[str]:
        """Is this an expression that names parties? `where` it stands decides what it may use."""
        if isinstance(s, list):
            for x in s:
                yield from self.role(what, x, where, path)
        elif isinstance(s, str):
            if s == "actor" and where not in ("term", "move"):
                yield f"{what}: 'actor' makes sense only in a term or a move"
            if s in path:
                yield f"{what}: role '{s}' refers to itself"
            elif s in self.roles:
                yield from self.role(what, self.roles[s].get("is"), where, (*path, s))
            elif s not in OWN_ROLES:
                yield f"{what}: no role '{s}'"
        elif not isinstance(s, dict):
            yield f"{what}: no role: {s!r}"
        elif set(s) == {"except", "of"}:
            yield from self.role(what, [s["except"], s["of"]], where, path)
        elif set(s) in ({"field"}, {"named"}):
            if not isinstance(s.get("named", ""), str):
                yield f"{what}: 'named' takes one reference"
            yield from self.path(what, next(iter(s.values())), ("party", "parties"))
        elif set(s) == {"answered"}:
            answering = [k for k, a in self.acts.items() if "answers" in a]
            yield from self.known(what, s["answered"], answering, "act that answers")
        elif set(s) in ({"did"}, {"did", "where"}):
            yield from self.known(what, s["did"], self.acts, "act")
            yield from self.where(what, s)
        else:
            yield f"{what}: no such role: {sorted(s)}"

    # -- sections
    def check_fields(self) -> Iterator[str]:
        used = {n.rstrip("?") for a in self.acts.values() for n in a.get("form", [])}
        used |= {n.rstrip("?") for f in self.fields.values() for n in f.get("of", [])}
        for name, f in self.fields.items():
            what = f"fields.{name}"
            if f["type"] not in (*TYPES, "group"):
                yield f"{what}: no type '{f['type']}'"
            if not isinstance(f.get("of", []), list):
                yield f"{what}: 'of' takes a list"
            if f.get("many") and f["type"] in ("choices", "parties"):
                yield f"{what}: 'many' does not fit type {f['type']}, which is a list"
            for k, types in FITS.items():
                if k in f and f["type"] not in types:
                    yield f"{what}: '{k}' does not fit type {f['type']}"
                if k in ("codes", "of") and k not in f and f["type"] in types:
                    yield f"{what}: type {f['type']} needs '{k}'"
            for c in f.get("codes", []):
                if set(c) != {"code", "title"} or not re.fullmatch(r"[a-z0-9_]+", str(c["code"])):
                    yield f"{what}: a code has 'code' (lower-case letters, digits, _) and 'title'"
                yield from texts(f"{what}.{c.get('code')}", c.get("title"))
            if len({c["code"] for c in f.get("codes", [])}) < len(f.get("codes", [])):
                yield f"{what}: a code stands twice"
            if f.get("precision", "minute") not in PRECISIONS or f.get("min", 0) > f.get("max", f.get("min", 0)):
                yield f"{what}: no such precision, or bounds that nothing fits"
            yield from self.known(what, [n.rstrip("?") for n in f.get("of", [])], self.fields, "field")
            if any(self.fields.get(n.rstrip("?"), {}).get("type") == "group" for n in f.get("of", [])):
                yield f"{what}: a group holds no group"
            if name not in used:
                yield f"{what}: stands in no form"

    def check_roles(self) -> Iterator[str]:
        for name, r in self.roles.items():
            if name in OWN_ROLES:
                yield f"roles.{name}: this name is the language's own"
            yield from self.role(f"roles.{name}", r["is"], "role", (name,))
        for name, s in self.states.items():
            if "members" in s:
                yield from self.role(f"states.{name}", s["members"], "state")

    def check_acts(self) -> Iterator[str]:
        rights = {k for t in self.terms.values() if t.get("kind") == "right" for k in t.get("do", [])}
        duties = {k for t in self.terms.values() if t.get("kind", "duty") == "duty" for k in t.get("do", [])}
        for name, a in self.acts.items():
            what, form = f"acts.{name}", [n.rstrip("?") for n in a.get("form", [])]
            yield from self.known(what, form, self.fields, "field")
            if len(set(form)) < len(form):
                yield f"{what}: a field stands twice in its form"
            yield from self.role(what, a["by"], "act")
            if a.get("opens") and set(a) & {"in", "answers", "undoes", "committed", "once"}:
                yield f"{what}: an opening act has no 'in', 'answers', 'undoes', 'committed' or 'once'"
            yield from self.known(what, a.get("in"), self.live, "state that is not final")
            yield from self.known(what, [*listed(a.get("answers")), *listed(a.get("undoes"))], self.acts, "act")
            if a.get("latest") and "answers" not in a:
                yield f"{what}: 'latest' needs 'answers'"
            if a.get("to", "members") not in ("members", "public"):
                yield f"{what}: 'to' is members or public"
            if "committed" in a:
                c = a["committed"]
                if not isinstance(c, dict) or set(c) != {"to", "of"} or c["of"] not in a.get("form", []):
                    yield f"{what}: 'committed' has 'to' (a digest) and 'of' (a required text of its own form)"
                else:
                    yield from self.path(what, c["to"] if isinstance(c["to"], str) else "", ("digest",))
                    yield from self.path(what, f"{name}.{c['of']}", ("text", "longtext"))
                    if self.fields.get(c["of"], {}).get("many"):
                        yield f"{what}: 'committed' is of one text"
            for n in listed(a.get("notice")):
                if not isinstance(n, dict) or not {"field", "least"} <= set(n) <= {"field", "least", "strict"} \
                        or duration(n["least"]) is None:
                    yield f"{what}: 'notice' has 'field', 'least' (a duration) and perhaps 'strict'"
                else:
                    yield from self.path(what, f"{name}.{n['field']}", ("time",))
            if "if" in a:
                yield from self.guard(f"{what}.if", a["if"], "act", [name])
            if name in rights & duties:
                yield f"{what}: performs both a duty and a right"
            if a.get("opens") and "to" not in a and "members" in uses([self.terms, self.moves]):
                yield f"{what}: needs a 'to', since all members are asked, who might not read it"
        if not any(a.get("opens") for a in self.acts.values()):
            yield "acts: none opens the matter"

    def check_terms(self) -> Iterator[str]:
        for name, t in self.terms.items():
            what, kind = f"terms.{name}", t.get("kind", "duty")
            if kind not in ("duty", "right", "alarm"):
                yield f"{what}: no kind '{kind}'"
            if (kind == "alarm") == bool(set(t) & {"of", "do"}) or kind != "alarm" and not {"of", "do"} <= set(t):
                yield f"{what}: a duty or a right has 'of' and 'do', an alarm has neither"
            yield from self.role(what, t.get("of", []), "term")
            yield from self.known(what, t.get("do"), self.acts, "act")
            if "within" in t and (set(t) & {"until", "plus"} or (duration(t["within"]) or -1) < 0):
                yield f"{what}: 'within' is a duration and stands alone"
            if "plus" in t and ("until" not in t or duration(t["plus"]) is None):
                yield f"{what}: 'plus' is a duration and needs 'until'"
            yield from self.path(what, t.get("until"), ("time",))
            if kind == "alarm" and not set(t) & {"within", "until"}:
                yield f"{what}: an alarm needs a due time"
            for ref in listed(t.get("until")) if kind == "right" else []:
                act, field = self.acts.get(ref.split(".")[0], {}), ".".join(ref.split(".")[1:])
                strict = any(n["field"] == field and n.get("strict") for n in listed(act.get("notice")))
                if act.get("amend") or not strict:
                    yield f"{what}: '{ref}' ends a right: its act is not amended and has a strict notice of it"

    def check_moves(self) -> Iterator[str]:
        begun = {n for m in self.moves for n in m.get("begin", [])}
        yield from (f"terms.{n}: no move begins it" for n in self.terms if n not in begun)
        for i, m in enumerate(self.moves):
            what = f"moves.{i}"
            yield from self.known(what, m.get("from"), self.live, "state that is not final")
            yield from self.known(what, m.get("to"), self.states, "state")
            yield from self.known(what, [*m.get("begin", []), *m.get("release", [])], self.terms, "term")
            if "if" in m:
                yield from self.guard(f"{what}.if", m["if"], "move", listed(m["on"]))
            opens = {bool(self.acts.get(on, {}).get("opens")) for on in listed(m["on"]) if isinstance(on, str)}
            for on in listed(m["on"]):
                if isinstance(on, dict):
                    if set(on) not in ({"past"}, {"lapsed"}):
                        yield f"{what}: an event is an act, {{'past': term}} or {{'lapsed': term}}"
                    yield from self.known(what, list(on.values()), self.terms, "term")
                    if "lapsed" in on and self.terms.get(on["lapsed"], {}).get("kind") == "alarm":
                        yield f"{what}: an alarm does not lapse"
                else:
                    yield from self.known(what, on, self.acts, "act")
            timed = any(isinstance(on, dict) for on in listed(m["on"]))
            if True in opens and ("from" in m or "to" not in m or len(opens) > 1 or timed):
                yield f"{what}: a move on an opening act has 'to', no 'from' and no other event"
            if self.states.get(m.get("to"), {}).get("final") and m.get("begin"):
                yield f"{what}: nothing begins in a final state"
        for name, a in self.acts.items():
            if a.get("opens") and not any(name in listed(m["on"]) and "if" not in m for m in self.moves):
                yield f"acts.{name}: opens, but no unconditional move follows it"
        follows = {t: {n for m in self.moves for on in listed(m["on"]) if isinstance(on, dict) and t in on.values()
                       for n in m.get("begin", [])} for t in self.terms}
        for t in self.terms:
            seen, todo = set(), list(follows[t])
            while todo:
                n = todo.pop()
                todo += [] if n in seen else follows.get(n, [])
                seen.add(n)
            if t in seen:
                yield f"terms.{t}: its end begins it again, for ever"

    # -- what can happen
    def may_happen(self, on: Any, state: str | None) -> bool:
        if isinstance(on, dict):
            return state in self.pending[next(iter(on.values()))]
        a = self.acts[on]
        return state is None if a.get("opens") else state in listed(a.get("in", self.live))

    def explore(self) -> None:
        """All states and terms that can come about, taking every guard as true sometimes and false sometimes."""
        size = -1
        while size != (size := len(self.reach) + sum(map(len, self.pending.values()))):
            self.ways = []
            for i, m in enumerate(self.moves):
                for on in listed(m["on"]):
                    opens = isinstance(on, str) and self.acts[on].get("opens")
                    for s in [None] if opens else listed(m.get("from", self.live)):
                        taken = any("if" not in x and on in listed(x["on"]) and (opens or s in x.get("from", self.live))
                                    for x in self.moves[:i])
                        if s in self.reach and not taken and self.may_happen(on, s):
                            self.ways.append((i, s, on, m.get("to", s)))
            self.reach |= {to for *_, to in self.ways}
            for i, s, on, to in self.ways:
                for name in self.pending:
                    kept = s in self.pending[name] and name not in self.moves[i].get("release", [])
                    if name in self.moves[i].get("begin", []) or kept:
                        self.pending[name] |= {to} & set(self.live)

    def check_reach(self) -> Iterator[str]:
        yield from (f"states.{s}: cannot be reached" for s in self.states if s not in self.reach)
        good = {s for s, spec in self.states.items() if spec.get("final")}
        while more := {s for _, s, _, to in self.ways if to in good and s not in good}:
            good |= more
        yield from (f"states.{s}: no way leads from it to an end" for s in self.reach - good if s is not None)
        for i, m in enumerate(self.moves):
            for on in listed(m["on"]):
                if not any(n == i and event == on for n, _, event, _ in self.ways):
                    yield f"moves.{i}: can never fire on {on}"
            for s in m.get("from", []):
                if not any(n == i and at == s for n, at, _, _ in self.ways):
                    yield f"moves.{i}: can never fire from {s}"

    def check_use(self) -> Iterator[str]:
        for name, a in self.acts.items():
            if not a.get("opens") and not self.reach & set(listed(a.get("in", self.live))):
                yield f"acts.{name}: its states cannot be reached"
            yield from (f"acts.{name}: state '{s}' cannot be reached" for s in a.get("in", []) if s not in self.reach)
        for name, t in self.terms.items():
            doers = [k for k in t.get("do", []) if self.pending[name] & set(listed(self.acts[k].get("in", self.live)))]
            if t.get("do") and not any(not self.apart(self.acts[k]["by"], t["of"]) for k in doers):
                yield f"terms.{name}: nobody can perform it"
            for k in [k for k in t.get("do", []) if k not in doers]:
                yield f"terms.{name}: '{k}' can never perform it"
        used = set(uses([self.p.get(part) for part in ("roles", "states", "acts", "terms", "moves")]))
        yield from (f"roles.{r}: is used nowhere" for r in self.roles if r not in used)

    def apart(self, a: Any, b: Any) -> bool:
        """Can no party be in both roles, whatever happens?"""
        a, b = (self.roles[x]["is"] if isinstance(x, str) and x in self.roles else x for x in (a, b))
        return [a, b] in (["opener", "addressees"], ["addressees", "opener"]) or any(
            isinstance(x, dict) and x.get("except") == y for x, y in ((a, b), (b, a)))


def uses(x: Any, key: str = "") -> Iterator[str]:
    """Every word that stands where a role may stand."""
    if isinstance(x, str) and key in ("by", "of", "is", "each", "except", "members"):
        yield x
    for k, v in x.items() if isinstance(x, dict) else [(key, v) for v in x] if isinstance(x, list) else ():
        yield from uses(v, k)
