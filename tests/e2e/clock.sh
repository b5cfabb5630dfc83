#!/usr/bin/env bash
# clock.sh COMITY: two nodes whose clock is set forward by libfaketime.  A
# message is acknowledged in time, another is not; both nodes say so after the
# fifteen minutes of its rule, and a proof of it verifies.
set -eu
comity=$(realpath "$1")
lib=$(find /usr/lib -name libfaketimeMT.so.1 2>/dev/null | head -n 1)
if [ -z "$lib" ]; then
	echo "libfaketime is not here"
	exit 77
fi
work=$(mktemp -d)
cd "$work"
declare -A pid=()
end() {
	kill "${pid[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	cd /
	rm -rf "$work"
}
trap end EXIT
export LC_ALL=C.UTF-8
die() {
	printf 'clock.sh: %s\n' "$*" >&2
	cat ./*.out >&2
	exit 1
}

# at FILE COMMAND...: the runtime of a sanitizer minds who is loaded first.
at() {
	local file=$1
	shift
	exec env LD_PRELOAD="$lib" FAKETIME_TIMESTAMP_FILE="$work/$file" \
		FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 \
		ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" "$@"
}
# serve FOLDER FILE: its node, by that clock; its address.
serve() {
	at "$2" "$comity" -C "$1" serve >"$1.out" 2>&1 &
	pid[$1]=$!
	for _ in $(seq 200); do
		address[$1]=$(sed -n 's/^comity listens at //p' "$1.out")
		[ -n "${address[$1]}" ] && return 0
		sleep 0.1
	done
	die "$1 does not start"
}
set_clock() { # FILE OFFSET
	echo "$2" >new
	mv new "$1"
}
# await FOLDER CITE STATE: 40 s at most, for sanitizers are slow.
await() {
	for _ in $(seq 200); do
		"$comity" -C "$1" --json show "$2" 2>/dev/null |
			grep -q "\"state\":\"$3\"" && return 0
		sleep 0.2
	done
	die "$2 is not $3 in $1: $("$comity" -C "$1" show "$2" 2>&1)"
}
send() { # SUBJECT
	"$comity" -C jpn new message/send --to CHN --set precedence=routine \
		--set subject="$1" --set message=en:Hello >/dev/null
}

declare -A address=()
set_clock both +0
for party in jpn chn; do
	"$comity" init $party --party ${party^^} --listen 127.0.0.1:0 >/dev/null
	serve $party both
	"$comity" -C $party --json status |
		sed 's/.*"fingerprint":"\([0-9a-f]*\)".*/\1/' >$party.print
done
"$comity" -C jpn peer add "${address[chn]}" --fingerprint "$(cat chn.print)" >/dev/null
"$comity" -C chn peer add "${address[jpn]}" --fingerprint "$(cat jpn.print)" >/dev/null

send heard
await chn JPN-1 sent
"$comity" -C chn act JPN-1 message/acknowledge --set received_as=routine >/dev/null
await jpn JPN-1 acknowledged
send silent
await chn JPN-2 sent

# ---- fifteen minutes and more ----
set_clock both +16m
await jpn JPN-2 unanswered
await chn JPN-2 unanswered
await jpn JPN-1 acknowledged
"$comity" -C jpn board >seen
grep -q 'over .* Receipt to be acknowledged .* JPN-2' seen || die "board: $(cat seen)"
grep -q 'Receipt to be acknowledged .* JPN-1' seen && die "board: $(cat seen)"
"$comity" -C jpn proof JPN-2 -o silent.proof 2>/dev/null
(at both "$comity" verify silent.proof) >seen
grep -q 'JPN-2 .* unanswered' seen || die "proof: $(cat seen)"
echo "clock.sh: good"
