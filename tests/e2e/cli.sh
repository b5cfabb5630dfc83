#!/usr/bin/env bash
# cli.sh COMITY SOURCE: two parties by the command line alone: from their keys
# to a message, its proof, officers' mandates, errors, and a folder lost.
set -eu
comity=$(realpath "$1")
source=$(realpath "$2")
work=$(mktemp -d)
cd "$work"
pids=()
finish() {
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
	cd "$source"
	rm -rf "$work"
}
trap finish EXIT
export LC_ALL=C.UTF-8
unset COMITY_FOLDER COMITY_PASSPHRASE_FILE NO_COLOR

die() { printf 'cli.sh: %s\n' "$*" >&2; cat ./*.err >&2 2>/dev/null; exit 1; }
# is WANT: standard input holds it.
is() { local got; got=$(cat); case $got in *"$1"*) ;; *) die "no '$1' in: $got" ;; esac; }
# fails CODE WANT COMMAND...: exit code and sentence.
fails() {
	local code=$1 want=$2 rc=0
	shift 2
	"$@" >out.txt 2>err.txt || rc=$?
	[ "$rc" = "$code" ] || die "exit $rc, not $code: $* $(cat err.txt)"
	is "$want" <err.txt
	[ "$(wc -l <err.txt)" = 1 ] || die "not one sentence: $(cat err.txt)"
}
field() { python3 -c 'import json,sys
for k in sys.argv[2:]: pass
v = json.load(open(sys.argv[1]))
for k in sys.argv[2].split("."): v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$@"; }
j=$comity
c() { "$comity" -C "$jpn" "$@"; }
d() { "$comity" -C "$chn" "$@"; }

# A folder so deep that a socket's name would not hold its path.
deep=$(printf 'd%.0s' {1..60})
jpn=$deep/$deep/jpn chn=chn
mkdir -p "$deep/$deep"

# ---- tables ----
"$j" help | is 'officer grant'
"$j" help --lang ja | is '案件'
"$j" help new | is '--set FIELD=VALUE'
"$j" help settings | is 'heads_s'
"$j" version | is 'comity 0'
"$j" help man >man.1
cmp man.1 "$source/man/comity.1" || die "man/comity.1: make it anew by 'comity help man'"
"$j" completion bash >completion
(
	# shellcheck disable=SC1091
	. ./completion
	COMP_WORDS=(comity off) COMP_CWORD=1 && _comity && [ "${COMPREPLY[*]}" = officer ]
	COMP_WORDS=(comity -C x peer ad) COMP_CWORD=4 && _comity && [ "${COMPREPLY[*]}" = "add address" ]
	COMP_WORDS=(comity board --wa) COMP_CWORD=2 && _comity && [ "${COMPREPLY[*]}" = --watch ]
) || die completion

# ---- errors without a folder ----
fails 2 "did you mean 'status'" "$j" stauts
fails 2 "did you mean '--json'" "$j" status --jsn
fails 4 'is no folder of a node' "$j" -C nowhere status
fails 4 'is no folder of a node' "$j" serve
fails 2 'a party needs a short name' "$j" init x
fails 2 "'jpn' is no short name" "$j" init x --party jpn
fails 2 'not of the form LANG=TEXT' "$j" init x --party JPN --name Japan
fails 2 'stands behind the --officer' "$j" init x --party JPN --powers '*'
fails 2 'is no Ed25519 key' "$j" init x --party JPN --officer a --key 00
[ ! -e x ] || die "a refused init leaves a folder"
fails 4 'cannot be read' "$j" verify nothing.tar
"$j" --json status >out.txt 2>/dev/null || true
[ "$(field out.txt code)" = absent ] || die "no error object"

# ---- two parties ----
"$j" init "$jpn" --party JPN --name en=Japan --name ja=日本 \
	--officer duty-1 --powers '*' --officer duty-2 --powers 'message/*' \
	--listen 127.0.0.1:0 | is Fingerprint
"$j" init chn --party CHN --name en=China --listen 127.0.0.1:0 \
	--json >init.json
fails 5 'is a party' "$j" init chn --party CHN
find "$jpn" chn \( -type f -o -type d \) -perm /077 | grep . && die "others may read it"
c status | is 'not running'
c check | is sound

# ---- a passphrase ----
printf 'open sesame\n' >pass
printf 'wrong\n' >wrong
chmod 600 pass wrong
"$j" init locked --party KOR --officer a --key "$(c officer enrol spare)" \
	--passphrase --passphrase-file pass | is KOR
fails 2 'need a passphrase' setsid "$j" -C locked status </dev/null
fails 3 'passphrase is wrong' "$j" -C locked --passphrase-file wrong status
COMITY_PASSPHRASE_FILE=pass "$j" -C locked status | is KOR
rm "$jpn/officers/spare.key"

run() { # FOLDER NAME: serve, and give its address in $address
	"$comity" -C "$1" serve >"$2.out" 2>"$2.err" &
	pids+=($!)
	for _ in $(seq 100); do
		address=$(sed -n 's/^comity listens at //p' "$2.out")
		[ -n "$address" ] && return 0
		sleep 0.1
	done
	die "$2 does not start"
}
run "$jpn" jpn
at_jpn=$address pid_jpn=$!
run chn chn
at_chn=$address
c status | is ', http'
fails 6 'another comity process' "$j" -C chn serve

# ---- introductions ----
c peer look "$at_chn" | is Fingerprint
fails 3 'compare the fingerprint' "$j" -C "$jpn" peer add "$at_chn"
fails 5 'not the fingerprint' "$j" -C "$jpn" peer add "$at_chn" --fingerprint 00
print=$(field init.json fingerprint)
c peer add "$at_chn" --fingerprint "$(printf '%s' "$print" | sed 's/..../& /g')" | is introduced
curl -s "$at_jpn/charter" >charter.json
c --json status >status.json
"$j" init kept --party KOR --listen 127.0.0.1:75020 2>/dev/null && die "a port beyond"
[ ! -e kept ] || die "a refused init leaves a folder"
fails 2 '--limit' "$j" -C "$jpn" list --limit x
fails 8 'does it run there' "$j" -C "$jpn" peer look 127.0.0.1:1
fails 8 'http' "$j" -C "$jpn" peer look http://127.0.0.1:1
fails 5 'not the fingerprint' "$j" -C chn peer add charter.json --fingerprint "$print"
d peer add charter.json --fingerprint "$(field status.json fingerprint)" | is introduced
d peer address JPN "$at_jpn" | is 'new address'
c peer list | is "$at_chn"

# ---- a message ----
echo '{}' >empty.json
new=(new message/send --to CHN --officer duty-1)
fails 2 "'precedence' (Precedence) is missing" "$j" -C "$jpn" "${new[@]}"
fails 2 'is not one of: routine' "$j" -C "$jpn" "${new[@]}" --set precedence=urgent
fails 2 "did you mean 'subject'" "$j" -C "$jpn" "${new[@]}" --set subjct=x
fails 2 'say who may read it' "$j" -C "$jpn" new message/send --officer duty-1
fails 2 'has 2 keys' "$j" -C "$jpn" new message/send --to CHN --set precedence=routine \
	--set subject=x --set message=en:x
fails 2 'does not open a matter' "$j" -C "$jpn" new message/reply
fails 4 'no procedure' "$j" -C "$jpn" new masage/send
set -- --set precedence=emergency --set subject='漂流船 adrift' \
	--set message=en:'Please confirm.' --set message='ja*:確認願う。' --set reply_by=+PT4H
c "${new[@]}" "$@" --dry-run | is '"authentic": true'
c list --json | is '"matters":[]'
c "${new[@]}" "$@" | is 'JPN-1  is recorded'
await() { # FOLDER CITE STATE
	for _ in $(seq 100); do
		"$comity" -C "$1" --json show "$2" >show.json 2>/dev/null &&
			[ "$(field show.json state)" = "$3" ] && return 0
		sleep 0.1
	done
	die "$2 is not $3 in $1"
}
await chn JPN-1 sent
d board --lang zh | is '漂流船 adrift'
d board --lang zh | is '剩余'
COLUMNS=60 d board | is '
    STATE'
d act JPN-1 message/acknowledge --body - <<<'{}' | is 'acknowledged'
d act JPN-1 message/reply --set message=en:Confirmed | is 'answered'
await "$jpn" JPN-1 answered
c show JPN-1 --lang ja | is '回答済み'
c show JPN-1 --lang ko | is '증인: CHN'
c board | is 'CHN    up'
c show JPN-1 | is 'witnessed: CHN'
c show CHN-1 | is 'matter: JPN-1'
c list --procedure message --state answered --text 漂流 | is JPN-1
fails 3 'wrong-state' "$j" -C "$jpn" act JPN-1 message/acknowledge --officer duty-1 --body empty.json
fails 2 'neither a citation' "$j" -C "$jpn" show '../x'
fails 4 'JPN-99' "$j" -C "$jpn" show JPN-99

# ---- out, in, checked ----
c proof JPN-1 -o p.tar
"$j" verify p.tar | is 'It verifies.'
head -c 3000 p.tar >cut.tar
"$j" verify cut.tar >/dev/null 2>&1 && die "a cut proof verifies"
c export --all -o all.tar --json | is '"bytes"'
fails 5 'File exists' "$j" -C "$jpn" export --all -o all.tar
fails 2 'one of: --matter' "$j" -C "$jpn" export --all --public
c export --matter JPN-1 -o - >one.tar
"$j" verify one.tar | is 'answered'
d import p.tar | is 'known'

# ---- a file ----
head -c 3000000 /dev/urandom >chart.pdf
sha=$(sha256sum <chart.pdf | cut -d' ' -f1)
c attach chart.pdf | is "\"sha256\":\"$sha\",\"name\":\"chart.pdf\",\"type\":\"application/pdf\",\"size\":3000000"
c fetch "$sha" -o back.pdf
cmp chart.pdf back.pdf || die 'not the file that was attached'
fails 5 'File exists' "$j" -C "$jpn" fetch "$sha" -o back.pdf
fails 2 'is no SHA-256' "$j" -C "$jpn" fetch chart.pdf
fails 4 'not here' "$j" -C "$chn" fetch "$sha" -o none.pdf
[ ! -e none.pdf ] || die 'a file that is not there was written'
fails 4 'No such file' "$j" -C "$jpn" attach none.pdf

# ---- mandates ----
c officer enrol duty-3 >key
c officer grant duty-3 --key "$(cat key)" --powers 'message/*' --officer duty-1 | is party/grant
c officer list | is duty-3
c officer demand 'message/*=2' --root "$jpn/keys/root.key" | is party/demand
fails 3 too-few-signatures "$j" -C "$jpn" "${new[@]}" "$@"
c "${new[@]}" --officer duty-3 "$@" | is 'is recorded'
c officer revoke duty-3 --officer duty-1 --reason ended | is party/revoke
fails 3 no-mandate "$j" -C "$jpn" officer revoke duty-1 --officer duty-2

# ---- procedures ----
c procedures list | is message
c procedures show message --lang ko | is '핫라인'
"$j" procedures check "$source/procedures/message.json" | is 'No fault'
sed 's/"opener"/"opner"/' "$source/procedures/message.json" >message.json
fails 2 'fault' "$j" procedures check message.json
c rebuild | is 'as it should be'

# ---- a terminal ----
python3 - "$comity" "$jpn" <<'PY' || die "terminal"
import os, pty, sys, time
comity, folder = sys.argv[1:]
def talk(arguments, answers):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(comity, [comity, "-C", folder] + arguments)
    said = b""
    for want, give in answers:
        while want.encode() not in said:
            part = os.read(fd, 4096)
            said += part
        said = said.split(want.encode(), 1)[1]
        os.write(fd, give.encode() + b"\n")
    try:
        while part := os.read(fd, 4096):
            said += part
    except OSError:
        pass
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode()
rc, said = talk(["new", "message/send", "--to", "CHN", "--officer", "duty-1", "--officer", "duty-2"], [
    ("life_safety", "urgent"), ("is not one of", ""), ("life_safety", "routine"),
    ("Subject", "By hand"), ("language", "en:Hello"), ("one more", ""),
    ("optional", ""), ("optional", ""), ("optional", ""), ("never be withdrawn", "y")])
assert rc == 0 and "is recorded" in said, (rc, said)
rc, said = talk(["board"], [])
assert rc == 0 and "\x1b[1m" in said, said
os.environ["NO_COLOR"] = "1"
rc, said = talk(["board"], [])
assert rc == 0 and "\x1b" not in said, said
PY

# ---- the end, and a folder lost ----
kill "$pid_jpn"
rc=0
wait "$pid_jpn" || rc=$?
[ "$rc" = 0 ] || die "serve ends with $rc"
c list | is 'By hand'
c check | is sound
mkdir -p again
cp -r "$jpn/keys" "$jpn/officers" again
"$j" init again --existing charter.json --listen "${at_jpn#http://}" | is 'Nothing is appended'
fails 5 'is a party' "$j" init again --existing charter.json
curl -s "$at_chn/charter" >chn.json
"$j" -C again peer add chn.json --address "$at_chn" --fingerprint "$print" | is introduced
jpn=again
run again again
await again JPN-1 answered
echo "cli.sh: good"
