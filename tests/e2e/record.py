#!/usr/bin/env python3
"""record.py COMITY SOURCE: the public record in others' hands: the commands that
the pages of logs and of the archive show do what they say; the feed and the
calendar are what readers of another make take them for; nothing of them holds
what is not public."""
import base64
import hashlib
import html
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import uuid

from conference import Checks, Conference, until, with_system_python

with_system_python("feedparser")
with_system_python("icalendar")
import feedparser  # noqa: E402
import icalendar  # noqa: E402

PARTIES = ("JPN", "USA")
SECRET = "Marlin at anchorage seven"
NAMES = "Straße & <b>海</b>\u0301"
source, check = pathlib.Path(sys.argv[2]).resolve(), Checks()


def get(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as r:
            return r.status, r.headers, r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers, e.read()


def page(url, lang="en"):
    status, _, body = get(f"{url}?lang={lang}", Accept="text/html")
    check(f"{url}: {status}", status == 200 and SECRET.encode() not in body)
    return body.decode()


def commands(text):
    """What a page tells its reader to run."""
    return [html.unescape(c) for c in re.findall(r'<code data-run="bash">(.*?)</code>', text, re.S)]


def run(script, folder, ok=True):
    path = f"{pathlib.Path(sys.argv[1]).resolve().parent}"
    p = subprocess.run(["bash", "-euc", f"PATH={path}:$PATH\n{script}"], cwd=folder, capture_output=True, text=True,
        timeout=120)
    check(f"{script}: {p.stdout}{p.stderr}", not ok or p.returncode == 0)
    return p


def logs(c, folder):
    status, _, body = get(f"{c.url('JPN')}/logs")
    check("the logs", status == 200 and [x["party"] for x in json.loads(body)["logs"]] == ["JPN", "USA"])
    for lang in ("en", "ja", "zh", "ko"):
        page(f"{c.url('JPN')}/logs", lang)
        text = page(f"{c.url('JPN')}/logs/JPN", lang)
        check("two sets of commands", len(commands(text)) == 2)
    mirror, openssl = commands(text)
    run(mirror, folder)
    size = int((folder / "JPN/checkpoint").read_text().split("\n")[1])
    first = folder / f"JPN/tile/entries/000.p/{size}"
    check(f"the mirror has each of {size} entries: {first.stat().st_size}", first.stat().st_size == 50 * size)  # each with its length
    check("openssl takes the head", "Signature Verified Successfully" in run(openssl, folder).stdout)
    head = folder / "JPN/checkpoint"
    head.write_text(head.read_text().replace(f"\n{size}\n", f"\n{size + 1}\n"))
    check("openssl refuses another head", "Signature Verified Successfully" not in run(openssl, folder, ok=False).stdout)
    # And what came since is fetched, too; an independent reader takes it all.
    publish(c, "Later")
    c.run("JPN", "new", "message/send", "--to", "USA", "--set", "precedence=routine", "--set", f"subject={SECRET}",
        "--set", "message=en:Again.")
    run(mirror, folder)
    check("the mirror grows", int(head.read_text().split("\n")[1]) > size)
    tlogcheck(json.loads(get(f"{c.url('JPN')}/logs/JPN")[2])["vkey"], folder)
    check("no log of nobody", get(f"{c.url('JPN')}/logs/XXX")[0] == 404)


def tlogcheck(vkey, folder):
    env = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOPROXY": "off", "CGO_ENABLED": "0",
        "GOCACHE": str(folder / "cache"), "PATH": "/usr/bin:/bin:/usr/local/go/bin", "HOME": str(folder)}
    if not pathlib.Path("/usr/share/gocode/src/golang.org/x/mod/sumdb").is_dir():
        return
    p = subprocess.run(["go", "run", str(source / "tests/oracle/tlogcheck.go"), "-vkey", vkey, "-entry", "48", "JPN"],
        cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    check(f"tlogcheck: {p.stderr}", p.returncode == 0)


def acts_of(body):
    """The payloads of a bundle's acts, as one text."""
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        envelopes = [json.load(tar.extractfile(m)) for m in tar if m.name.startswith("act/")]
    return "".join(base64.b64decode(e["payload"]).decode() for e in envelopes)


def archive(c, folder):
    text = page(f"{c.url('JPN')}/archive")
    model = json.loads(get(f"{c.url('JPN')}/archive")[2])
    status, headers, body = get(f"{c.url('JPN')}/archive.tar")
    check("the archive", status == 200 and headers["Content-Type"] == "application/x-tar")
    check("its size and hash", model["size"] == len(body) and model["sha256"] == hashlib.sha256(body).hexdigest())
    acts = acts_of(body)
    check("public acts alone", SECRET not in acts and json.dumps(NAMES, ensure_ascii=False)[1:-1] in acts)
    check("its counts", model["acts"] >= 2 and model["logs"] == 2 and model["procedures"] >= 1)
    ours, theirs = commands(text)
    run(ours, folder)
    (folder / "tests").symlink_to(source / "tests")
    p = run(theirs, folder)
    check("the fingerprint of the file", f"JPN {model['charter']}" in p.stdout)
    check("the file that was shown", (folder / "archive.tar").read_bytes() == body)
    # It is not made anew for each who asks, even after a change.
    publish(c, "Again")
    check("made at most once a minute", get(f"{c.url('JPN')}/archive.tar")[2] == body)


def publish(c, title):
    """A public matter."""
    content = c.filler.body(*c.form("notification", "notify"), "0" * 64, title)
    got = c.post("JPN", ["new", "notification/notify", "--to", "public"], content)
    return got["cite"]


def feed(c):
    for lang, word in (("en", "notification"), ("ja", "通報"), ("zh", "通报"), ("ko", "통보")):
        status, headers, body = get(f"{c.url('JPN')}/feed.atom?lang={lang}")
        check("the feed", status == 200 and headers["Content-Type"].startswith("application/atom+xml"))
        check("nothing else in it", SECRET.encode() not in body)
        f = feedparser.parse(body)
        check(f"well formed: {f.get('bozo_exception')}", not f.bozo and f.version == "atom10")
        check("its language", f.feed.language == lang)
        check(f"titles in {lang}", any(word in e.title for e in f.entries))
    ids = [e.id for e in f.entries]
    check(f"each once: {ids}", len(ids) == len(set(ids)) >= 2 and all(uuid.UUID(i).version == 8 for i in ids))
    times = [e.published_parsed for e in f.entries]
    check("newest first", times == sorted(times, reverse=True))
    for e in f.entries:
        check("a page behind each", get(e.link, Accept="text/html")[0] == 200 and e.author)
    check("stable", [e.id for e in feedparser.parse(get(f"{c.url('JPN')}/feed.atom")[2]).entries] == ids)
    title = next(e for e in f.entries if "Straße" in e.title).title
    check(f"as it was written: {title}", NAMES in html.unescape(title))


def calendar(c):
    text = get(f"{c.url('JPN')}/calendar.ics?lang=ja")[2]
    check("lines of 75 octets", all(len(line) <= 75 for line in text.split(b"\r\n")) and b"\n" not in
        text.replace(b"\r\n", b""))
    check("nothing else in it", SECRET.encode() not in text)
    events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    check("each public activity", len(events) >= 3 and len({e["UID"] for e in events}) == len(events))
    e = next(e for e in events if NAMES in e["SUMMARY"])
    check("as it was written, in the reader's language", e["SUMMARY"] == f"活動の事前通報: {NAMES}")
    days = (e["DTEND"].dt - e["DTSTART"].dt).days
    check(f"from when to when: {days}", days == 10 and e["STATUS"] == "CONFIRMED")
    check("its page", get(e["URL"], Accept="text/html")[0] == 200)
    model = json.loads(get(f"{c.url('JPN')}/calendar")[2])
    check("the page has the same", len(model["coming"]) == len(events) and model["due"] == [])
    for lang in ("en", "ja", "zh", "ko"):
        page(f"{c.url('JPN')}/calendar", lang)
    # Who signs in gets what is due, too: here the node's own operator.
    text = c.local("USA", "/calendar.ics")[1]
    due = [e for e in icalendar.Calendar.from_ical(text).walk("VEVENT") if SECRET in e["SUMMARY"]]
    check("what is due", due and all("USA" in e["SUMMARY"].upper() for e in due))
    check("by when", all(e["DTSTART"].dt.tzinfo is not None for e in due))


def main():
    with Conference(sys.argv[1], *PARTIES) as c:
        c.catalogue(source)
        c.serve()
        c.introduce()
        c.run("JPN", "new", "message/send", "--to", "USA", "--set", "precedence=routine", "--set",
            f"subject={SECRET}", "--set", "message=en:Once.")
        publish(c, NAMES)
        publish(c, "Plain")
        until("a witness", lambda: json.loads(get(f"{c.url('JPN')}/logs/JPN")[2])["n_newest"] > 0)
        for part in (logs, archive):
            with tempfile.TemporaryDirectory() as folder:
                part(c, pathlib.Path(folder))
        feed(c)
        calendar(c)
    check.done()


main()
