#!/usr/bin/env python3
"""catalogue.py COMITY SOURCE: each procedure of the catalogue is conducted by the
command line alone, between two parties of one conference: opened, taken through
as many kinds of act as the parties may do now, and to a final state."""
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

comity, source = os.path.realpath(sys.argv[1]), pathlib.Path(sys.argv[2])
work = pathlib.Path(tempfile.mkdtemp())
port = random.randrange(20000, 40000)
nodes, r = [], random.Random(7)
PARTIES = ("JPN", "CHN")
DAY = 86400


def run(party, *args, ok=True):
    p = subprocess.run([comity, "-C", str(work / party), "--json", *args],
                       capture_output=True, text=True, timeout=120)
    if ok and p.returncode:
        sys.exit(f"{party} {' '.join(args)}: {p.stderr}{p.stdout}")
    return json.loads(p.stdout) if p.returncode == 0 and p.stdout.strip() else None


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def body(fields, form, matter, secret):
    names = [n.rstrip("?") for n in form if not n.endswith("?")]
    return {n: value(fields, fields[n], n, matter, secret) for n in names}


def value(fields, f, name, matter, secret):
    kind, low = f["type"], f.get("min", 0)
    if f.get("many"):
        return [value(fields, {**f, "many": False}, name, matter, secret)]
    if kind == "group":
        return body(fields, f["of"], matter, secret)
    digest = hashlib.sha256(secret.encode()).hexdigest()
    later = {"end": 20, "score_by": 30}.get(name, 10)
    past = name in ("occurred", "actual")
    return {
        "text": secret[:f.get("max", 1000)], "longtext": secret, "boolean": True,
        "choice": f.get("codes", [{"code": ""}])[0]["code"],
        "choices": [f.get("codes", [{"code": ""}])[0]["code"]],
        "integer": low, "decimal": low, "range": {"low": low, "high": low + 1},
        "time": stamp(-3600 if past else later * DAY),
        "period": {"start": stamp(-2 * DAY), "end": stamp(-DAY)},
        "duration": "PT48H", "place": {"lat": 30, "lon": 126},
        "area": {"circle": {"lat": 30, "lon": 126, "radius": 5000}},
        "party": "CHN", "parties": list(PARTIES), "officer": "duty officer",
        "matter": matter, "act": matter, "digest": digest,
        "file": {"sha256": digest, "name": "a.pdf", "type": "application/pdf",
                 "size": 7},
        "texts": [{"lang": "en", "text": "Text.", "authentic": True}]}[kind]


def post(party, args, content):
    path = work / "body.json"
    path.write_text(json.dumps(content))
    return run(party, *args, "--body", str(path), ok=False)


def state(matter, acts):
    """The matter at both, once both have so many acts of it."""
    for _ in range(300):
        seen = [run(p, "show", matter, ok=False) for p in PARTIES]
        if all(s and len(s["acts"]) >= acts for s in seen):
            assert seen[0]["state"] == seen[1]["state"], matter
            return seen[0]
        time.sleep(0.1)
    sys.exit(f"{matter}: the two nodes do not come together")


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


def conduct(p, conference):
    name, opening = p["procedure"], next(k for k, a in p["acts"].items() if a.get("opens"))
    fields, used, acts = p.get("fields", {}), {opening}, 1
    to = ["--to", "public" if p["acts"][opening].get("to") == "public" else
          "CHN" if name == "message" else "members"]
    where = [] if name == "conference" else ["--in", conference]
    if name == "conference":
        to = ["--to", "CHN"]
    got = post("JPN", ["new", f"{name}/{opening}", *where, *to],
               body(fields, p["acts"][opening].get("form", []), "0" * 64, f"{name} JPN"))
    if got is None:
        return None, used
    matter = got["cite"]
    for _ in range(30):
        now = state(matter, acts)
        if now["final"]:
            break
        may = [(q, k) for q in PARTIES for k in now["may"].get(q, [])]
        r.shuffle(may)
        # what was not done yet, then an end, then the same again
        may.sort(key=lambda x: 1 if ends(p, x[1]) else 2 * (x[1] in used))
        done = False
        for q, k in may:
            content = body(fields, p["acts"][k].get("form", []), now["id"], f"{name} {q}")
            for extra in options(p, k, now):
                done = post(q, ["act", matter, f"{name}/{k}", *extra], content)
                if done:
                    break
            if done:
                used.add(k)
                acts += 1
                break
        if not done:
            break
    return state(matter, acts), used


def main():
    for i, party in enumerate(PARTIES):
        subprocess.run([comity, "-C", str(work / party), "init", "--party", party,
                        "--name", f"en={party}", "--listen", f"127.0.0.1:{port + i}",
                        "--officer", "duty", "--powers", "*"], check=True,
                       capture_output=True)
        nodes.append(subprocess.Popen([comity, "-C", str(work / party), "serve"],
                                      stderr=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL))
    for _ in range(100):
        if all((run(p, "status", ok=False) or {}).get("running") for p in PARTIES):
            break
        time.sleep(0.1)
    for party, other, i in (("JPN", "CHN", 1), ("CHN", "JPN", 0)):
        run(party, "peer", "add", f"http://127.0.0.1:{port + i}",
            "--fingerprint", run(other, "status")["fingerprint"])
    files = sorted((source / "procedures").glob("*.json"))
    catalogue = {f.stem: json.loads(f.read_text()) for f in files}
    founding = run("JPN", "new", "conference/propose", "--to", "CHN", "--set",
                   "name=Conference", "--set", "founders=JPN,CHN", "--set",
                   "texts=en:We meet.")["cite"]
    for i, party in enumerate(PARTIES):
        state(founding, i + 1)
        run(party, "act", founding, "conference/sign", "--answers", founding)
    assert state(founding, 3)["state"] == "in_force"
    passed = failed = 0
    for name, p in catalogue.items():
        now, used = conduct(p, founding)
        good = now is not None and now["final"]
        passed, failed = passed + good, failed + (not good)
        print(f"{'pass' if good else 'FAIL'} {name}: {now and now['state']}, "
              f"{len(used)} of {len(p['acts'])} kinds of act")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


try:
    code = main()
finally:
    for n in nodes:
        n.terminate()
    for n in nodes:
        n.wait()
    subprocess.run(["rm", "-rf", str(work)])
sys.exit(code)
