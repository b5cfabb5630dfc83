"""Acts as the fold sees them, and their order (docs/procedures.md, sections 1 and 2)."""
from __future__ import annotations
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from forms import Json


@dataclass(eq=False)
class Act:
    """An act as the fold sees it; below the line, what the fold finds out about it."""
    id: str
    party: str
    index: int
    kind: str
    at: int
    body: Any
    to: Any
    after: list[str] = field(default_factory=list)
    answers: str | None = None
    amends: str | None = None
    not_before: int | None = None
    not_after: int | None = None
    fault: str | None = None
    # ------------------------------------------------------------
    t: int = 0                                            # t and t' of section 2
    time: int = 0
    depth: int = 0
    seen: dict[str, int] = field(default_factory=dict)    # the newest index of each log that its author had seen
    verdict: str = "waiting"
    reason: str | None = None
    where: str | None = None                              # JSON pointer to the fault of a form
    remarks: Json = field(default_factory=dict)
    undone: bool = False

    def __post_init__(self) -> None:
        self.root = self.current = self                   # the act that this one amends; the version that counts now

    def settle(self, before: list[Act]) -> None:
        """Time, depth and knowledge, from those of the acts that this one needs."""
        self.t = self.at if self.not_before is None else max(self.at, self.not_before)
        self.t = self.t if self.not_after is None else min(self.t, self.not_after)
        self.time = max([self.t, *(b.time for b in before)])
        self.depth = max([0, *(b.depth + 1 for b in before)])
        for b in before:
            self.seen.update({p: i for p, i in b.seen.items() if i > self.seen.get(p, -1)})
        self.seen[self.party] = max(self.index, self.seen.get(self.party, -1))


def in_order(matter: str, acts: list[Act], now: int) -> tuple[list[Act], list[Act]]:
    """The acts that can be folded, in their order, and those that wait."""
    held = {a.id: a for a in acts}
    needs = {a.id: {x for x in (*a.after, a.answers, a.amends, matter) if x and x != a.id} for a in acts}
    users: dict[str, list[Act]] = defaultdict(list)
    for a in acts:
        for need in needs[a.id]:
            users[need].append(a)
    left, ready = {a.id: len(needs[a.id]) for a in acts}, [a for a in acts if not needs[a.id]]
    for a in ready:                                       # the list grows while we walk it: needs come before users
        for user in users[a.id]:
            left[user.id] -= 1
            if not left[user.id]:
                ready.append(user)
    for a in reversed(ready):                             # whatever proves an act proves all that it names
        for b in [held[need] for need in needs[a.id]]:
            proofs = [t for t in (a.not_after, b.not_after) if t is not None]
            b.not_after = min(proofs, default=None)
    for a in ready:
        a.settle([held[need] for need in needs[a.id]])
    for a in acts:
        a.reason = "missing" if left[a.id] else "ahead" if a.time > now else None
    folded = sorted((a for a in acts if not a.reason), key=lambda a: (a.time, a.depth, a.id))
    return folded, sorted((a for a in acts if a.reason), key=lambda a: a.id)
