#!/usr/bin/env python3
"""alert.py COMITY SOURCE: officers away from the screen are told that something
waits: by a real SMTP server (aiosmtpd), by a web hook and by a command; what is
told holds nothing of what waits, is told again until it is done, and no more
then; where a way is closed, the node says so and goes on."""
import email
import email.policy
import http.server
import json
import pathlib
import sys
import threading
import time

from conference import Checks, Conference, free_port, until, with_system_python

with_system_python("aiosmtpd")
from aiosmtpd.controller import Controller  # noqa: E402

SECRET = "Buoy adrift at dusk"
check, conference = Checks(), Conference(sys.argv[1], "JPN", "CHN")
work, run, ask = conference.work, conference.run, conference.ask
mails, hooks = [], []


class Box:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such officer"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        hooks.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


smtp = Controller(Box(), hostname="127.0.0.1", port=free_port())
smtp.start()
hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
threading.Thread(target=hook.serve_forever, daemon=True).start()
told = work / "told"
command = work / "page-officer"
command.write_text(f"#!/bin/sh\n{{ echo \"$COMITY_PARTY $COMITY_WAITING\"; cat; }} >>{told}\n")
command.chmod(0o755)

ini = work / "CHN" / "comity.ini"
plain = ini.read_text()
rules = f"""
[alert]
rule = message,crisis PT0S PT2S mail:watch@example.org,second@example.org
rule = message PT0S PT2S hook:http://127.0.0.1:{hook.server_port}/alert
rule = * PT1S PT1H run:{command}
rule = session PT0S PT1S mail:never@example.org
server = smtp://127.0.0.1:{smtp.port}
from = node@example.org
languages = en ja
"""
kept = "\n".join(line for line in plain.split("\n") if line != "[alert]")

# A slip of the pen is refused, with its line.
for wrong, says in (("rule = message PT0S", "no span of time"), ("rule = message PT0S PT5M fax:1", "mail:ADDRESS"),
        ("rule = message soon PT5M run:/bin/true", "how soon"), ("rule = * PT0S PT5M mail:a@b.example", "'server'"),
        ("tells = perhaps", "neither yes nor no")):
    ini.write_text(f"{kept}\n[alert]\n{wrong}\n")
    p = run("CHN", "status", ok=False)
    check(f"{wrong} is refused: {p.stderr}", p.returncode == 2 and says in p.stderr and "comity.ini" in p.stderr)

ini.write_text(kept + rules)
try:
    conference.serve()
    conference.introduce()

    p = run("CHN", "alert", "test")
    check("each way is tried", [a["error"] for a in json.loads(p.stdout)["alerts"]] == [None] * 4)
    check("the test came by mail", len(mails) == 2 and len(hooks) == 1 and hooks[0]["test"] is True)
    mails.clear()
    hooks.clear()
    told.unlink()

    time.sleep(1.5)
    check("nothing waits, nothing is told", not mails and not hooks and not told.exists())
    cite = ask("JPN", "new", "message/send", "--to", "CHN", "--set", "precedence=priority", "--set",
        f"subject={SECRET}", "--set", f"message=en:{SECRET}.")["cite"]
    until("a mail", lambda: mails)
    until("the hook", lambda: hooks)
    until("the command", told.exists)
    to, raw = mails[0]
    m = email.message_from_bytes(raw, policy=email.policy.default)
    text = m.get_content()
    check("to both officers", to == ["watch@example.org", "second@example.org"])
    check("a subject", m["Subject"] == "Comity CHN: something waits for you")
    check("in both languages", "Waiting for an answer of CHN" in text and "当直盤" in text)
    check("where to look", f"{conference.url('CHN')}/board" in text)
    check("headers", m["Auto-Submitted"] == "auto-generated" and m["Message-ID"] and m["Date"].datetime is not None)
    check("the hook's numbers", hooks[0]["party"] == "CHN" and hooks[0]["waiting"] >= 1 and hooks[0]["due"])
    until("the command is told", lambda: "CHN " in told.read_text() and "/board" in told.read_text())
    for what in (text, m["Subject"], json.dumps(hooks, ensure_ascii=False), told.read_text()):
        check("not what waits", SECRET not in what and cite not in what)

    n = len(mails)
    until("it is told again", lambda: len(mails) >= n + 2)
    run("CHN", "act", cite, "message/acknowledge", "--set", "received_as=priority")
    run("CHN", "act", cite, "message/reply", "--set", "message=en:Ours.")
    time.sleep(2.5)
    n = len(mails)
    time.sleep(3)
    check("no more once it is done", len(mails) == n)
    check("no rule of other procedures", not any("never@example.org" in to for to, _ in mails))
    check("the command was told once", told.read_text().count("CHN ") - told.read_text().count("of CHN") <= 1)

    # The mail server refuses; the node says so, and still takes acts.
    conference.stop("CHN")
    ini.write_text(kept + rules.replace("watch@example.org,second", "nobody").replace("languages = en ja", "tells = yes"))
    conference.serve("CHN")
    p = run("CHN", "alert", "test", ok=False)
    check("a refusal is said", "550" in p.stdout)
    told.unlink()
    run("JPN", "new", "message/send", "--to", "CHN", "--set", "precedence=routine", "--set", f"subject={SECRET}",
        "--set", "message=en:Again.")
    until("the warning", lambda: "an alert is not sent" in conference.errors("CHN"))
    until("told what, where the setting says so", lambda: told.exists() and SECRET in told.read_text())
finally:
    conference.close()
    smtp.stop()
check.done()
