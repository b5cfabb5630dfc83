#!/usr/bin/env python3
"""openapi.py COMITY SOURCE: docs/openapi.json describes what a node answers.  Two
nodes conduct each procedure of the catalogue; each documented path is asked with
all that there is, as a stranger, an officer and the operator, and each answer has
to fit its schema, where a field that is not described is a fault.  The document
has each route of src/web/web.c with its audience, and no other."""
import base64
import copy
import json
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

from catalogue import PARTIES, conduct
from conference import Checks, Conference, with_system_python

with_system_python("jsonschema")
import jsonschema  # noqa: E402

READERS = ("public", "officer", "operator")
ROUTE = re.compile(r'\{"(GET|POST|DELETE)",\s*"([^"]+)",\s*WEB_([A-Z]+),', re.S)
EACH = 60  # values of a parameter, at most


def routes(source):
    """Of the table in src/web/web.c: (method, path): audience."""
    text = (source / "src/web/web.c").read_text()
    return {(m[1], m[2].replace("{*}", "{}")): m[3].lower() for m in ROUTE.finditer(text)}


def operations(document):
    """(method, path with {}): the operation, and its path as it stands."""
    return {(method.upper(), re.sub(r"\{[^}]*\}", "{}", path)): (path, op)
        for path, item in document["paths"].items() for method, op in item.items()}


def strict(document, schema):
    return {**schema, "components": document["components"]}


class World:
    """Two nodes with something of everything, and three ways to ask one."""

    def __init__(self, c, source):
        self.c, self.cookie = c, None
        c.catalogue(source)
        c.serve()
        c.introduce()
        founding = c.found()
        for name in sorted(c.procedures):
            conduct(c, c.procedures[name], founding)
            self.publish(name)
        self.publish("incident", "report")
        c.run("CHN", "new", "message/send", "--to", "JPN", "--set", "precedence=priority", "--set", "subject=Owed",
            "--set", "message=en:Owed.")
        matter = next(m for m in self.get("/matters?procedure=incident", "public")["matters"])["cite"]
        form = {"name": "A. Reader", "lang": "en", "text": "Thank you."}
        urllib.request.urlopen(f"{c.url('JPN')}/matters/{matter}/comments", urllib.parse.urlencode(form).encode())
        self.sign_in()
        self.wait_for_a_second()
        self.fills = self.find()

    def publish(self, name, act=None):
        """One for the public with all its fields, or as many as the rules allow."""
        p = self.c.procedures[name]
        act = act or next(k for k, a in p["acts"].items() if a.get("opens"))
        for self.c.filler.whole in (True, False):
            content = self.c.filler.body(*self.c.form(name, act), "0" * 64, f"{name} in public")
            if self.c.post("JPN", ["new", f"{name}/{act}", "--to", "public"], content):
                return

    # ---- asking ----

    def ask(self, reader, path, method="GET", body=None):
        """Status, type, body."""
        if reader == "operator":
            status, got = self.c.local("JPN", path, method)
            return status, "", got
        headers = {"Accept": "application/json", "Origin": self.c.url("JPN")}
        if reader == "officer":
            headers["Cookie"] = self.cookie
        request = urllib.request.Request(self.c.url("JPN") + path, method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as r:
                return r.status, r.headers["Content-Type"], b"" if "event-stream" in r.headers["Content-Type"] else r.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers["Content-Type"], e.read()

    def get(self, path, reader="operator"):
        return json.loads(self.ask(reader, path)[2])

    def sign(self, text):
        """By openssl, with the officer's key."""
        key = json.loads(next((self.c.folder("JPN") / "officers").glob("*.key")).read_text())
        der, message = self.c.work / "key.der", self.c.work / "challenge"
        der.write_bytes(bytes.fromhex("302e020100300506032b657004220420") + base64.b64decode(key["secret"]))
        message.write_bytes(text)
        p = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", der, "-in", message],
            check=True, capture_output=True)
        return key["public"], p.stdout

    def sign_in(self):
        challenge = self.get("/challenge", "public")["challenge"]
        self.key, signature = self.sign(challenge.encode())
        body = {"key": self.key, "challenge": challenge, "signature": signature.hex()}
        request = urllib.request.Request(f"{self.c.url('JPN')}/session", headers={"Origin": self.c.url("JPN")},
            data=json.dumps(body).encode())
        with urllib.request.urlopen(request) as r:
            self.cookie = r.headers["Set-Cookie"].split(";")[0]

    def wait_for_a_second(self):
        """An act that lacks a signature."""
        self.c.run("JPN", "officer", "demand", "message/send=2")
        payload = self.c.run("JPN", "new", "message/send", "--to", "CHN", "--set", "precedence=routine", "--set",
            "subject=Waits", "--set", "message=en:Waits.", "--dry-run").stdout.strip().encode()
        kind = "application/vnd.comity.act+json"
        key, signature = self.sign(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
        envelope = {"payloadType": kind, "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": key, "sig": base64.b64encode(signature).decode()}]}
        status, _, body = self.ask("officer", "/releases", "POST", envelope)
        assert status == 202, body

    # ---- what to ask for ----

    def find(self):
        matters = [m for m in self.get("/matters?n=1000")["matters"]]
        seen = [self.get(f"/matters/{m['cite']}") for m in matters]
        acts = [a["cite"] for m in seen for a in m["acts"]]
        return {
            "ref": [m["cite"] for m in matters] + [matters[0]["id"], "JPN-9999"],
            "act_ref": ["JPN-0", *acts[::max(1, len(acts) // EACH)], "JPN-9999"],
            "party": [*PARTIES, "XXX"], "procedure": [*self.c.procedures, "nothing"],
            "key": [self.key, "0" * 64], "sha256": ["0" * 64], "release": [r["release"] for r in
                self.get("/releases")["releases"]], "charter": ["0" * 64], "hash": ["0" * 64],
            "asset": ["app.js", "nothing"], "tile": ["checkpoint", "tile/0/000.p/1"], "no": [str(x["no"]) for x in self.get("/comments")["comments"]],
            "opening": [(p, next(k for k, a in v["acts"].items() if a.get("opens"))) for p, v in
                self.c.procedures.items()],
            "doing": [(m["cite"], a["act"]) for m in seen for a in m["can"]][:EACH]}

    def paths(self, path):
        """The path with each value of its parameters; queries where they add to the answer."""
        names = re.findall(r"\{([^}]*)\}", path)
        if names == ["procedure", "act"]:
            values = self.fills["opening"]
        elif names == ["ref", "act"]:
            values = self.fills["doing"]
        elif names == ["party", "tile"]:
            values = [(p, t) for p in self.fills["party"] for t in self.fills["tile"]]
        elif names == ["ref"] and path.startswith(("/acts/", "/proof/")):
            values = [(v,) for v in self.fills["act_ref"]]
        else:
            values = [(v,) for v in self.fills[names[0]]] if names else [()]
        for value in values:
            got = path
            for v in value:
                got = re.sub(r"\{[^}]*\}", v, got, count=1)
            yield got
        for query in QUERIES.get(path, []):
            yield f"{path}?{query}"
        if names == ["procedure", "act"]:
            yield f"/new/comment/accept?held={self.fills['no'][0]}"


QUERIES = {"/matters": ["procedure=message", "n=2", "live=1", "party=CHN", "text=public", "procedure=nothing"],
    "/draft": ["kind=message/send", "kind=party/grant"], "/bundle": ["public=1"], "/audit": ["before=5"],
    "/feed.atom": ["format=json"], "/officers": ["party=CHN"]}


def check_document(check, document, table):
    found = operations(document)
    check(f"no route without its page: {sorted(set(table) - set(found))}", not set(table) - set(found))
    check(f"no page without its route: {sorted(set(found) - set(table))}", not set(found) - set(table))
    for key, (path, op) in found.items():
        check(f"{key}: audience", op["x-audience"] == table[key])
        names = {p["name"] for p in op.get("parameters", []) if p["in"] == "path"}
        check(f"{key}: parameters", names == set(re.findall(r"\{([^}]*)\}", path)))
    for ref in re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(document)):
        check(f"no schema {ref}", ref in document["components"]["schemas"])
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        check(f"{name} is never used", f'schemas/{name}"' in json.dumps(document))


def schema_of(op, status, kind):
    responses = op["responses"]
    content = responses.get(str(status), responses["default"])["content"]
    return content.get("application/json", {}).get("schema") if "json" in kind or kind == "" else None


def fits(document, op, status, kind, body):
    """What is wrong with an answer; None: nothing."""
    schema = schema_of(op, status, kind)
    if schema is None:
        return None
    try:
        value = json.loads(body)
    except ValueError:
        return None if kind == "" and status == 200 else "no JSON"
    errors = jsonschema.Draft202012Validator(strict(document, schema)).iter_errors(value)
    worst = jsonschema.exceptions.best_match(errors)
    return worst and f"{worst.json_path}: {worst.message[:300]}"


def main():
    source, check = pathlib.Path(sys.argv[2]).resolve(), Checks()
    document = json.loads((source / "docs/openapi.json").read_text())
    check_document(check, document, routes(source))
    with Conference(sys.argv[1], *PARTIES) as c:
        world = World(c, source)
        check("it is served", world.get("/openapi.json", "public") == document)
        for (method, _), (path, op) in operations(document).items():
            if method != "GET":
                continue
            good = 0
            for reader in READERS:
                may = READERS.index(reader) >= READERS.index(op["x-audience"])
                for at in world.paths(path):
                    status, kind, body = world.ask(reader, at) if at != "/events" or reader != "operator" else (200, "text/event-stream", b"")
                    check(f"{reader} {at}: {status}", may or status in (401, 403))
                    wrong = fits(document, op, status, kind, body)
                    check(f"{reader} {at}: {status}: {wrong}", wrong is None)
                    good += status == 200
            check(f"{path} was answered", good > 0 or path in EMPTY)
        # What is not described is found.
        spoiled = copy.deepcopy(document)
        del spoiled["components"]["schemas"]["Log"]["properties"]["root"]
        op = spoiled["paths"]["/logs"]["get"]
        check("strict", fits(spoiled, op, *world.ask("public", "/logs")) is not None)
    check.done()


# Of these there is nothing in this world.
EMPTY = {"/recover/{charter}", "/{hash}/checkpoint", "/files/{sha256}", "/sessions/{ref}", "/reviews/{ref}"}

if __name__ == "__main__":
    main()
