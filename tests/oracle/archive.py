#!/usr/bin/env python3
"""archive.py FILE: verify a bundle that stands alone, with nothing of Comity's code.

Python's standard library and the `openssl` command.  Written from docs/format/ alone: acts, envelopes, labels,
charters and mandates, entries, trees, checkpoints, cosignatures, tiles.  It does not fold matters.
Exit status: 0 it verifies, 1 it does not (with the first reason), 2 it cannot be read.
"""
import base64
import binascii
import concurrent.futures
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

ACT_TYPE = "application/vnd.comity.act+json"
FIELDS = {"comity": True, "kind": True, "party": True, "matter": False, "procedure": False, "conference": False,
          "to": True, "at": True, "after": False, "answers": False, "amends": False, "body": True, "salt": True}
ID, KEY = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{64}")
PARTY, SALT = re.compile(r"[A-Z][A-Z0-9-]{1,15}"), re.compile(r"[0-9a-f]{32}")
KIND = re.compile(r"(?=.{3,100}\Z)[a-z0-9_]+/[a-z0-9_]+")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?Z")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
INT_MAX, DEPTH_MAX, ACT_MAX, SIGNATURES_MAX = 2**53 - 1, 32, 256 * 1024, 16
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
# docs/format/keys.md: points of small order, by y; its sign bit may be either
SMALL_Y = {0, 1, P - 1, P, P + 1} | {int.from_bytes(bytes.fromhex(h), "little") for h in (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}


class Refused(Exception):
    """The bundle does not verify."""


def need(ok: object, why: str) -> None:
    if not ok:
        raise Refused(why)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text: object, why: str, url: bool = False) -> bytes:
    """One form only: padded, no white space, unused bits zero."""
    need(isinstance(text, str), f"{why}: no text")
    plain = text.translate(str.maketrans("-_", "+/")) if url and not re.search(r"[+/]", text) else text
    try:
        data = base64.b64decode(plain, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{why}: bad base64") from None
    need(base64.b64encode(data).decode() == plain, f"{why}: base64 in another form")
    return data


# ---- JSON, strict


def no_twice(pairs: list) -> dict:
    need(len({k for k, _ in pairs}) == len(pairs), "JSON: a key stands twice")
    return dict(pairs)


def no_constant(name: str) -> None:
    raise Refused(f"JSON: {name}")


def parse_json(data: bytes, why: str) -> object:
    try:
        value = json.loads(data.decode(), object_pairs_hook=no_twice, parse_constant=no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # lone surrogates end here
    except (UnicodeError, ValueError, RecursionError) as e:
        raise Refused(f"{why}: {e}") from None
    return value


def is_int(v: object) -> bool:
    return isinstance(v, int) and not isinstance(v, bool)


def check_body(v: object, depth: int) -> None:
    need(depth <= DEPTH_MAX, "act: the body is nested too deep")
    need(not is_int(v) or -INT_MAX <= v <= INT_MAX, "act: an integer is beyond 2^53-1")
    for inner in v.values() if isinstance(v, dict) else v if isinstance(v, list) else ():
        check_body(inner, depth + 1)


def fits(pattern: re.Pattern, v: object) -> bool:
    return isinstance(v, str) and pattern.fullmatch(v) is not None


# ---- signatures, by openssl


class Signatures:
    """Verifies Ed25519 with the openssl command; each question is asked once."""

    def __init__(self) -> None:
        self.known: dict[tuple[bytes, bytes, bytes], bool] = {}
        self.folder = tempfile.TemporaryDirectory()

    def ask(self, question: tuple[bytes, bytes, bytes]) -> bool:
        key, message, sig = question
        for point in (key, sig[:32]):
            if int.from_bytes(point, "little") % 2**255 in SMALL_Y:
                return False
        if int.from_bytes(key, "little") % 2**255 >= P or int.from_bytes(sig[32:], "little") >= L:
            return False
        base = pathlib.Path(self.folder.name) / sha256(key, sig, sha256(message)).hex()
        files = {".key": bytes.fromhex("302a300506032b6570032100") + key, ".msg": message, ".sig": sig}
        for end, data in files.items():
            base.with_suffix(end).write_bytes(data)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", f"{base}.key",
             "-in", f"{base}.msg", "-sigfile", f"{base}.sig"], capture_output=True, check=False)
        for end in files:
            base.with_suffix(end).unlink()
        return done.returncode == 0

    def ask_all(self, questions: list[tuple[bytes, bytes, bytes]]) -> None:
        new = [q for q in dict.fromkeys(questions) if q not in self.known]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            self.known.update(zip(new, pool.map(self.ask, new)))

    def is_good(self, key: bytes, message: bytes, sig: bytes) -> bool:
        if (key, message, sig) not in self.known:
            self.known[key, message, sig] = self.ask((key, message, sig))
        return self.known[key, message, sig]


# ---- acts


def pae(payload: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(ACT_TYPE), ACT_TYPE.encode(), len(payload), payload)


class Act:
    """An envelope whose form holds; signers are set once they were verified."""

    def __init__(self, envelope: bytes) -> None:
        e = parse_json(envelope, "envelope")
        need(isinstance(e, dict) and e.get("payloadType") == ACT_TYPE, "envelope: not of an act")
        self.payload = unbase64(e.get("payload"), "payload", url=True)
        self.questions = []
        listed = e.get("signatures")
        need(isinstance(listed, list) and len(listed) <= SIGNATURES_MAX, "envelope: bad list of signatures")
        for one in listed:
            need(isinstance(one, dict), "envelope: bad signature")
            sig, keyid = unbase64(one.get("sig"), "sig", url=True), one.get("keyid", "")
            if len(sig) == 64 and fits(KEY, keyid):
                self.questions.append((bytes.fromhex(keyid), pae(self.payload), sig))
        self.id = sha256(self.payload).hex()
        self.signers: set[str] = set()
        self.json = self.parse()
        self.matter = self.json.get("matter", self.id)

    def parse(self) -> dict:
        need(len(self.payload) <= ACT_MAX, "act: too long")
        j = parse_json(self.payload, "act")
        need(isinstance(j, dict) and set(j) <= set(FIELDS), "act: an unknown field")
        need(all(f in j for f, must in FIELDS.items() if must), "act: lacks a field")
        need(is_int(j["comity"]) and j["comity"] == 1, "act: another format")
        need(fits(KIND, j["kind"]) and fits(PARTY, j["party"]) and fits(SALT, j["salt"]), "act: bad kind, party or salt")
        for f in ("matter", "procedure", "conference", "answers", "amends"):
            need(f not in j or fits(ID, j[f]), f"act: bad {f}")
        after = j.get("after", ["0" * 64])
        need(isinstance(after, list) and 1 <= len(after) <= 1000 and all(fits(ID, a) for a in after), "act: bad after")
        opens = "matter" not in j
        need(not any(f in j for f in (("after", "answers", "amends") if opens else ("procedure", "conference"))),
             "act: a field that it cannot have")
        to = j["to"]
        need(to in ("public", "members") or (isinstance(to, list) and 1 <= len(to) <= 1000 and
             all(fits(PARTY, p) for p in to) and len(set(to)) == len(to)), "act: bad audience")
        m = TIME.fullmatch(j["at"]) if isinstance(j["at"], str) else None
        try:
            datetime.datetime.fromisoformat(m[1] if m else "")
        except ValueError:
            raise Refused("act: bad time") from None
        need(isinstance(j["body"], dict), "act: bad body")
        check_body(j["body"], 0)
        return j


# ---- trees


def leaf(entry: bytes) -> bytes:
    return sha256(b"\0", entry)


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1", left, right)


def roots(leaves: list[bytes], sizes: set[int]) -> dict[int, bytes]:
    """The roots at these sizes, in one pass."""
    stack: list[tuple[int, bytes]] = []
    found = {0: hashlib.sha256().digest()} if 0 in sizes else {}
    for size, h in enumerate(leaves, 1):
        level = 0
        while stack and stack[-1][0] == level:
            h = node(stack.pop()[1], h)
            level += 1
        stack.append((level, h))
        if size in sizes:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = node(left, root)
            found[size] = root
    return found


def tile_level(hashes: list[bytes]) -> list[bytes]:
    """The next level of tiles: roots of full tiles."""
    return [roots(hashes[i:i + 256], {256})[256] for i in range(0, len(hashes) // 256 * 256, 256)]


# ---- notes


class Note:
    """A checkpoint and its signature lines."""

    def __init__(self, data: bytes, why: str) -> None:
        try:
            text = data.decode()
        except UnicodeError:
            raise Refused(f"{why}: not UTF-8") from None
        self.text, gap, rest = text.rpartition("\n\n")
        self.text += "\n"
        need(gap and rest.endswith("\n") and len(data) <= 65536, f"{why}: no note")
        self.lines = []
        for line in rest[:-1].split("\n"):
            m = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
            need(m, f"{why}: a bad signature line")
            raw = unbase64(m[2], why)
            need(len(raw) >= 5, f"{why}: a short signature line")
            self.lines.append((m[1], raw[:4], raw[4:]))
        parts = self.text.split("\n")
        need(len(parts) >= 4 and fits(NUMBER, parts[1]) and "" not in parts[:-1], f"{why}: no checkpoint")
        self.origin, self.size, self.root = parts[0], int(parts[1]), unbase64(parts[2], why)
        need(len(self.root) == 32, f"{why}: bad root")

    def of(self, name: str, kind: int, key: bytes) -> list[bytes]:
        want = sha256(name.encode(), b"\n", bytes([kind]), key)[:4]
        return [sig for n, i, sig in self.lines if n == name and i == want]

    def cosigned(self, sig: bytes) -> bytes:
        return b"cosignature/v1\ntime %d\n%s" % (int.from_bytes(sig[:8], "big"), self.text.encode())


# ---- a party


def label(matter: str, charter: str, k: int) -> bytes:
    return sha256(b"comity/label/1\0", bytes.fromhex(matter), bytes.fromhex(charter), k.to_bytes(4, "big"))[:16]


def is_match(pattern: str, kind: str) -> bool:
    return pattern == "*" or pattern == kind or (pattern.endswith("/*") and kind.startswith(pattern[:-1]))


def is_line(v: object, most: int) -> bool:
    return isinstance(v, str) and 0 < len(v.encode()) <= most and not any(c < " " for c in v)


class Party:
    """A log, and the file that says whose keys and officers count at which entry."""

    def __init__(self, charter: str) -> None:
        self.charter = charter
        self.entries: list[bytes] = []
        self.acts: dict[int, Act] = {}
        self.heads: list[tuple[str, Note]] = []
        self.grants: list[dict] = []
        self.demands: list[tuple[int, list]] = []
        self.keys: list[tuple[int, dict]] = []
        self.first: dict[bytes, int] = {}
        self.chain: dict[str, list[int]] = {}
        self.code = self.origin = self.root_key = ""
        self.denied = self.unmandated = self.broken = self.sound = 0

    # -- labels: label k is right at an entry if it stands there first, and all below k stand before it

    def labelled(self, matter: str) -> list[int]:
        """The entries of this log that have a right label in the matter."""
        if matter not in self.chain:
            self.chain[matter], latest, k = [], -1, 0
            while (at := self.first.get(label(matter, self.charter, k))) is not None:
                if at > latest:
                    self.chain[matter].append(at)
                latest, k = max(latest, at), k + 1
        return self.chain[matter]

    # -- the file

    def found(self) -> None:
        act = self.acts.get(0)
        need(act and act.id == self.charter, f"{self.charter}: its charter is missing")
        j, b = act.json, act.json["body"]
        must, may = {"names", "origin", "root", "log", "witness", "box", "officers"}, {"demands", "witnesses", "addresses"}
        need(j["kind"] == "party/charter" and "matter" not in j and j["to"] == "public" and "procedure" not in j,
             "charter: bad kind or audience")
        need(must <= set(b) <= must | may, "charter: a field is missing or unknown")
        need(b["names"] and all(is_line(v, 1000) for v in b["names"].values()), "charter: bad names")
        need(all(fits(KEY, b[k]) for k in ("root", "log", "witness")) and len({b["root"], b["log"], b["witness"]}) == 3,
             "charter: bad keys")
        need(b["root"] in act.signers, "charter: not signed by the root key that it names")
        self.code, self.origin, self.root_key = j["party"], b["origin"], b["root"]
        self.keys.append((-1, {k: b[k] for k in ("log", "witness", "box")}))
        need(isinstance(b["officers"], list) and all(self.grant(0, o) is None for o in b["officers"]), "charter: bad officers")
        need("demands" not in b or self.demand(0, {"demands": b["demands"]}) is None, "charter: bad demands")

    def grant(self, index: int, b: dict) -> str | None:
        if not (isinstance(b, dict) and {"officer", "key", "powers"} <= set(b) <= {"officer", "key", "powers", "until", "note"}
                and is_line(b["officer"], 200) and fits(KEY, b["key"]) and isinstance(b["powers"], list)
                and 1 <= len(b["powers"]) <= 100 and all(is_line(p, 100) for p in b["powers"]) and len(self.grants) < 10000):
            return "bad-form"
        for g in self.grants:
            if g["officer"] == b["officer"] and g["until"] is None:
                g["until"] = index
        self.grants.append({**b, "from": index, "until": None})
        return None

    def revoke(self, index: int, b: dict) -> str | None:
        if not {"officer"} <= set(b) <= {"officer", "reason"}:
            return "bad-form"
        mine = [g for g in self.grants if g["officer"] == b["officer"] and g["until"] is None]
        for g in mine:
            g["until"] = index
        return None if mine else "nothing-to-undo"

    def demand(self, index: int, b: dict) -> str | None:
        ds = b.get("demands")
        if set(b) != {"demands"} or not isinstance(ds, list) or len(ds) > 100 or not all(
                isinstance(d, dict) and is_line(d.get("kind"), 100) and is_int(d.get("signatures"))
                and 1 <= d["signatures"] <= 16 for d in ds):
            return "bad-form"
        self.demands.append((index, ds))
        return None

    def rekey(self, index: int, b: dict) -> str | None:
        k = {**self.keys[-1][1], **b}
        if not b or set(k) != {"log", "witness", "box"} or not (fits(KEY, k["log"]) and fits(KEY, k["witness"])) \
                or len({k["log"], k["witness"], self.root_key}) != 3:
            return "bad-form"
        self.keys.append((index, k))
        return None

    def broken_rule(self, act: Act, index: int) -> str | None:
        """May its signers do this kind at this entry?  None: yes."""
        kind = act.json["kind"]
        if kind.startswith("party/") and self.root_key in act.signers:
            return None
        if kind == "party/keys":
            return "no-mandate"
        have = sum(any(g["key"] == s and g["from"] < index and (g["until"] is None or index <= g["until"])
                       and any(is_match(p, kind) for p in g["powers"]) for g in self.grants) for s in act.signers)
        ds = [d for at, d in self.demands if at < index][-1:]
        want = max([1] + [d["signatures"] for d in (ds[0] if ds else []) if is_match(d["kind"], kind)])
        return None if have >= want else "too-few-signatures" if have else "no-mandate"

    def apply(self, act: Act, index: int) -> str | None:
        what = {"party/grant": self.grant, "party/revoke": self.revoke, "party/demand": self.demand,
                "party/keys": self.rekey}.get(act.json["kind"])
        return self.broken_rule(act, index) or ("unknown-act" if what is None else "narrow-audience"
                                                if act.json["to"] != "public" else what(index, act.json["body"]))

    # -- all of it

    def judge(self) -> None:
        for at in self.labelled(self.charter):
            need(at in self.acts, f"{self.code}: entry {at} is of its file and missing")
        for index, act in sorted(self.acts.items()):
            need(index < len(self.entries) and self.entries[index][:32].hex() == act.id,
                 f"{self.code}: an act is not the one at entry {index}")
            need(act.json["party"] == self.code, f"{self.code}: entry {index} names another party")
            if index not in self.labelled(act.matter):
                self.denied += 1
            elif index and act.json["kind"].startswith("party/") and act.matter == self.charter:
                self.broken += self.apply(act, index) is not None
            elif index and self.broken_rule(act, index):
                self.unmandated += 1
            else:
                self.sound += 1

    def log_key(self, size: int) -> bytes:
        return bytes.fromhex([k for at, k in self.keys if at < size][-1]["log"])


# ---- the bundle


class Archive:
    """Members by what they are."""

    def __init__(self, path: str) -> None:
        self.parties: dict[str, Party] = {}
        self.signatures = Signatures()
        self.tiles: dict[str, bytes] = {}
        self.procedures = self.sealed = self.cosignatures = self.strange = 0
        self.read(path)

    def party(self, charter: str) -> Party:
        return self.parties.setdefault(charter, Party(charter))

    def read(self, path: str) -> None:
        end = 0
        with open(path, "rb") as f, tarfile.open(fileobj=f, mode="r:") as tar:
            for m in tar:
                name = m.name.removeprefix("./")
                need(m.isreg() or m.isdir(), f"{name}: no plain file")
                need(not name.startswith("/") and ".." not in name.split("/"), f"{name}: an unsafe name")
                if m.isreg():
                    self.member(name, tar.extractfile(m).read())
                end = m.offset_data + (m.size + 511) // 512 * 512
            f.seek(end)
            rest = f.read()
        need(len(rest) >= 1024 and not rest.strip(b"\0"), "the tar file is cut, or has something behind its end")

    def member(self, name: str, data: bytes) -> None:
        part = name.split("/")
        if part[0] == "act" and len(part) == 3 and fits(ID, part[1]) and fits(NUMBER, part[2]):
            acts = self.party(part[1]).acts
            need(int(part[2]) not in acts, f"{name}: stands twice")
            try:
                acts[int(part[2])] = Act(data)
            except Refused as e:
                raise Refused(f"{name}: {e}") from None
        elif part[0] == "log" and len(part) >= 3 and fits(ID, part[1]):
            p = self.party(part[1])
            if part[2] in ("checkpoint", "cosigned"):
                p.heads.append((name, Note(data, name)))
            else:
                need(part[2:] == ["entries", "0"] and not p.entries and len(data) % 48 == 0, f"{name}: bad entries")
                p.entries = [data[i:i + 48] for i in range(0, len(data), 48)]
        elif part[0] == "procedure":
            need(len(part) == 2 and sha256(data).hex() == part[1], f"{name}: its SHA-256 is another")
            self.procedures += 1
        elif part[0] == "logs":
            self.tiles[name] = data
        self.sealed += part[0] == "sealed"

    def verify(self) -> None:
        need(self.parties, "it holds no party: only a bundle that stands alone can be verified")
        acts = [a for p in self.parties.values() for a in p.acts.values()]
        self.signatures.ask_all([q for a in acts for q in a.questions])
        for a in acts:
            a.signers = {q[0].hex() for q in a.questions if self.signatures.is_good(*q)}
            need(a.signers, f"act {a.id}: no signature verifies")
        for p in self.parties.values():
            p.found()
            need(p.entries, f"{p.code}: no entries")
            for i, e in enumerate(p.entries):
                p.first.setdefault(e[32:], i)
            p.judge()
        for attribute in ("code", "origin"):
            values = [getattr(p, attribute) for p in self.parties.values()]
            need(len(set(values)) == len(values), f"two parties have one {attribute}")
        witnesses = [(p.origin + "/witness", bytes.fromhex(k["witness"])) for p in self.parties.values() for _, k in p.keys]
        for p in self.parties.values():
            self.verify_log(p, witnesses)

    def verify_log(self, p: Party, witnesses: list[tuple[str, bytes]]) -> None:
        leaves = [leaf(e) for e in p.entries]
        need(len(leaves) == 1 or any(n.size == len(leaves) for _, n in p.heads), f"{p.code}: entries without a signed head")
        root = roots(leaves, {n.size for _, n in p.heads})
        asked = []
        for name, n in p.heads:
            key = p.log_key(n.size)
            need(n.origin == p.origin and n.size <= len(leaves), f"{name}: of another log, or beyond its entries")
            need(root[n.size] == n.root, f"{name}: the root at {n.size} is another: damaged, or a fork")
            own = n.of(p.origin, 1, key)
            need(own, f"{name}: not signed by the log key")
            asked += [(name, (key, n.text.encode(), s)) for s in own]
            known = len(own)
            for witness, wkey in dict.fromkeys(witnesses):
                for s in n.of(witness, 4, wkey):
                    need(len(s) == 72, f"{name}: a cosignature of another length")
                    asked.append((name, (wkey, n.cosigned(s), s[8:])))
                    known += 1
                    self.cosignatures += 1
            self.strange += len(n.lines) - known
        self.signatures.ask_all([q for _, q in asked])
        for name, q in asked:
            need(len(q[2]) == 64 and self.signatures.is_good(*q), f"{name}: a signature does not verify")
        self.verify_tiles(p, leaves)

    def verify_tiles(self, p: Party, leaves: list[bytes]) -> None:
        levels = [leaves]
        for name, data in self.tiles.items():
            m = re.fullmatch(rf"logs/{p.code}/tile/(entries|\d+)/((?:x\d{{3}}/)*\d{{3}})(?:\.p/(\d+))?", name)
            if not m:
                continue
            at, width = int(m[2].replace("x", "").replace("/", "")) * 256, int(m[3] or 256)
            while m[1] != "entries" and len(levels) <= int(m[1]) < 8:
                levels.append(tile_level(levels[-1]))
            row = [b"\0\x30" + e for e in p.entries] if m[1] == "entries" else levels[int(m[1])]
            need(at + width <= len(row) and data == b"".join(row[at:at + width]), f"{name}: another tile")

    def summary(self) -> str:
        lines = []
        for p in sorted(self.parties.values(), key=lambda p: p.code):
            lines.append(f"{p.code} {p.charter}: {len(p.entries)} entries, {len(p.acts)} acts here ({p.sound} sound, {p.denied} "
                         f"denied, {p.unmandated} without mandate), {len(p.heads)} heads")
        total = sum(len(p.acts) for p in self.parties.values())
        lines.append(f"verified: {len(self.parties)} parties, {total} acts, {self.cosignatures} cosignatures "
                     f"({self.strange} of unknown witnesses), {self.procedures} procedures, {len(self.tiles)} tile files"
                     + (f", {self.sealed} sealed and not read" if self.sealed else ""))
        return "\n".join(lines)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        archive = Archive(sys.argv[1])
        archive.verify()
    except Refused as e:
        print(f"refused: {e}")
        return 1
    except (OSError, tarfile.TarError) as e:
        print(f"cannot be read: {e}")
        return 2
    print(archive.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
