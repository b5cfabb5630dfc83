"""conference: what the scripts of this folder share: parties in folders of their
own, their nodes at free ports, the command line, and bodies that fit a form."""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection

DAY = 86400


def with_system_python(module):
    """The module is there, or this script starts again by the system's python3
    (another one may come first), or it is skipped."""
    try:
        __import__(module)
    except ImportError:
        if sys.executable == "/usr/bin/python3":
            print(f"python3's {module} is not installed", file=sys.stderr)
            sys.exit(77)
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, test, seconds=30):
    """What test() gives once it is true."""
    end = time.time() + seconds
    while not (got := test()):
        if time.time() > end:
            sys.exit(f"FAIL in vain: {what}")
        time.sleep(0.05)
    return got


class Checks:
    """Counts what holds, and stops at what does not."""

    def __init__(self):
        self.passed = 0

    def __call__(self, what, good):
        if not good:
            sys.exit(f"FAIL {what}")
        self.passed += 1

    def done(self):
        print(f"{self.passed} passed, 0 failed")


class Conference:
    """Parties with one officer, duty, who may do all."""

    def __init__(self, comity, *parties):
        self.comity = os.path.realpath(comity)
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.parties = parties
        self.ports = {party: free_port() for party in parties}
        self.nodes = {}
        for party, port in self.ports.items():
            subprocess.run([self.comity, "-C", str(self.folder(party)), "init", "--party", party, "--name",
                f"en={party.title()}", "--listen", f"127.0.0.1:{port}", "--officer", "duty", "--powers", "*"],
                check=True, capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.close()

    def close(self):
        for party in list(self.nodes):
            self.stop(party)
        shutil.rmtree(self.work)

    def catalogue(self, source):
        """Know the procedures' files: for form() and filler."""
        self.procedures = {f.stem: json.loads(f.read_text()) for f in sorted((source / "procedures").glob("*.json"))}
        self.filler = Filler(self.parties)

    def form(self, procedure, act):
        p = self.procedures[procedure]
        return p.get("fields", {}), p["acts"][act].get("form", [])

    def folder(self, party):
        return self.work / party

    def url(self, party):
        return f"http://127.0.0.1:{self.ports[party]}"

    def errors(self, party):
        """What the node printed."""
        return (self.work / f"{party}.err").read_text()

    def serve(self, *parties):
        for party in parties or self.parties:
            with (self.work / f"{party}.err").open("w") as err:
                self.nodes[party] = subprocess.Popen([self.comity, "-C", str(self.folder(party)), "serve"],
                    stdout=subprocess.DEVNULL, stderr=err)
        for party in parties or self.parties:
            until(f"{party} runs", lambda: (self.ask(party, "status", ok=False) or {}).get("running"))

    def local(self, party, path, method="GET"):
        """Status and body, as the operator asks: by the folder's socket."""
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.path.relpath(self.folder(party) / "run/socket"))
        http = HTTPConnection("localhost")
        http.sock = s
        http.request(method, path, headers={"Accept": "application/json"})
        r = http.getresponse()
        with contextlib.closing(http):
            return r.status, r.read()

    def stop(self, party):
        node = self.nodes.pop(party)
        node.terminate()
        node.wait()

    def introduce(self):
        """Each to each."""
        for a in self.parties:
            for b in self.parties:
                if a != b:
                    self.run(a, "peer", "add", self.url(b), "--fingerprint", self.ask(b, "status")["fingerprint"])

    def run(self, party, *args, ok=True):
        p = subprocess.run([self.comity, "-C", str(self.folder(party)), "--json", *args], capture_output=True,
            text=True, timeout=120)
        if ok and p.returncode:
            sys.exit(f"{party} {' '.join(args)}: {p.stderr}{p.stdout}")
        return p

    def ask(self, party, *args, ok=True):
        """The command's JSON; None where it failed, and may."""
        p = self.run(party, *args, ok=ok)
        return json.loads(p.stdout) if p.returncode == 0 and p.stdout.strip() else None

    def post(self, party, args, content):
        """An act with this body; None: it was refused."""
        path = self.work / "body.json"
        path.write_text(json.dumps(content))
        return self.ask(party, *args, "--body", str(path), ok=False)

    def matter(self, ref, acts):
        """A matter of all, once all have so many acts of it."""
        seen = until(f"{ref} with {acts} acts at all", lambda: self.alike(ref, acts))
        assert len({s["state"] for s in seen}) == 1, ref
        return seen[0]

    def alike(self, ref, acts):
        seen = [self.ask(party, "show", ref, ok=False) for party in self.parties]
        return all(s and len(s["acts"]) >= acts for s in seen) and seen

    def found(self):
        """All found a conference; its founding matter."""
        first, *others = self.parties
        founding = self.ask(first, "new", "conference/propose", "--to", ",".join(others), "--set", "name=Conference",
            "--set", f"founders={','.join(self.parties)}", "--set", "texts=en:We meet.")["cite"]
        for i, party in enumerate(self.parties):
            self.matter(founding, i + 1)
            self.run(party, "act", founding, "conference/sign", "--answers", founding)
        assert self.matter(founding, len(self.parties) + 1)["state"] == "in_force"
        return founding


# ---- bodies that fit a form ----

def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Filler:
    """Bodies by the forms of procedures, for these parties, about a matter."""

    def __init__(self, parties):
        self.parties = list(parties)
        self.whole = False  # with what is optional

    def body(self, fields, form, matter, text):
        names = [n.rstrip("?") for n in form if self.whole or not n.endswith("?")]
        return {n: self.value(fields, fields[n], n, matter, text) for n in names}

    def value(self, fields, f, name, matter, text):
        kind, low = f["type"], f.get("min", 0)
        if f.get("many"):
            return [self.value(fields, {**f, "many": False}, name, matter, text)]
        if kind == "group":
            return self.body(fields, f["of"], matter, text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        later = {"end": 20, "score_by": 30}.get(name, 10)
        past = name in ("occurred", "actual")
        return {
            "text": text[:f.get("max", 1000)], "longtext": text, "boolean": True,
            "choice": f.get("codes", [{"code": ""}])[0]["code"],
            "choices": [f.get("codes", [{"code": ""}])[0]["code"]],
            "integer": low, "decimal": low, "range": {"low": low, "high": low + 1},
            "time": stamp(-3600 if past else later * DAY),
            "period": {"start": stamp(-2 * DAY), "end": stamp(-DAY)},
            "duration": "PT48H", "place": {"lat": 30, "lon": 126},
            "area": {"circle": {"lat": 30, "lon": 126, "radius": 5000}},
            "party": self.parties[1], "parties": self.parties, "officer": "duty officer",
            "matter": matter, "act": matter, "digest": digest,
            "file": {"sha256": digest, "name": "a.pdf", "type": "application/pdf", "size": 7},
            "texts": [{"lang": "en", "text": "Text.", "authentic": True}]}[kind]
