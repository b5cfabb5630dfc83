#!/usr/bin/env python3
"""catalogue.py COMITY SOURCE: each procedure of the catalogue is conducted by the
command line alone, between two parties of one conference: opened, taken through
as many kinds of act as the parties may do now, and to a final state."""
import json
import pathlib
import random
import sys

from conference import Conference, Filler

PARTIES = ("JPN", "CHN")
r = random.Random(7)
filler = Filler(PARTIES)


def ends(p, kind):
    return any(kind in ([m["on"]] if isinstance(m["on"], str) else m["on"])
               and p["states"].get(m.get("to"), {}).get("final")
               for m in p["moves"])


def options(p, kind, now):
    """How this act may be done: what it answers, newest first."""
    spec = p["acts"][kind]
    if "answers" not in spec:
        return [[]]
    kinds = spec["answers"] if isinstance(spec["answers"], list) else [spec["answers"]]
    return [["--answers", a["cite"]] for a in reversed(now["acts"])
            if a["verdict"] == "valid" and a["kind"].split("/")[1] in kinds][:3]


def conduct(c, p, conference):
    name, opening = p["procedure"], next(k for k, a in p["acts"].items() if a.get("opens"))
    fields, used, acts = p.get("fields", {}), {opening}, 1
    to = ["--to", "public" if p["acts"][opening].get("to") == "public" else
          "CHN" if name == "message" else "members"]
    where = [] if name == "conference" else ["--in", conference]
    if name == "conference":
        to = ["--to", "CHN"]
    got = c.post("JPN", ["new", f"{name}/{opening}", *where, *to],
                 filler.body(fields, p["acts"][opening].get("form", []), "0" * 64, f"{name} JPN"))
    if got is None:
        return None, used
    matter = got["cite"]
    for _ in range(30):
        now = c.matter(matter, acts)
        if now["final"]:
            break
        may = [(q, k) for q in PARTIES for k in now["may"].get(q, [])]
        r.shuffle(may)
        # what was not done yet, then an end, then the same again
        may.sort(key=lambda x: 1 if ends(p, x[1]) else 2 * (x[1] in used))
        done = False
        for q, k in may:
            content = filler.body(fields, p["acts"][k].get("form", []), now["id"], f"{name} {q}")
            for extra in options(p, k, now):
                done = c.post(q, ["act", matter, f"{name}/{k}", *extra], content)
                if done:
                    break
            if done:
                used.add(k)
                acts += 1
                break
        if not done:
            break
    return c.matter(matter, acts), used


def main():
    files = sorted((pathlib.Path(sys.argv[2]) / "procedures").glob("*.json"))
    passed = failed = 0
    with Conference(sys.argv[1], *PARTIES) as c:
        c.serve()
        c.introduce()
        founding = c.found()
        for f in files:
            p = json.loads(f.read_text())
            now, used = conduct(c, p, founding)
            good = now is not None and now["final"]
            passed, failed = passed + good, failed + (not good)
            print(f"{'pass' if good else 'FAIL'} {f.stem}: {now and now['state']}, "
                  f"{len(used)} of {len(p['acts'])} kinds of act")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
