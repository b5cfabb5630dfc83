#!/usr/bin/env bash
# keys.sh COMITY: a party changes log, witness and box key by its root key; the
# line goes on, and a stranger verifies the whole record.
set -eu
comity=$1
work=$(mktemp -d)
pids=()
end() {
	kill "${pids[@]}" 2>/dev/null || true
	wait 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT
port=$((20000 + RANDOM % 20000))
passed=0 failed=0
check() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: '$2', not '$3'"
	fi
}
serve() {
	"$comity" -C "$work/$1" serve >>"$work/$1.out" 2>&1 &
	pids+=($!)
	for _ in $(seq 150); do
		curl -sf "http://127.0.0.1:$((port + $2))/health" >/dev/null &&
			return
		sleep 0.1
	done
	cat "$work/$1.out"
	exit 1
}
a() { "$comity" -C "$work/AAA" "$@"; }
b() { "$comity" -C "$work/BBB" "$@"; }
send() {
	"$comity" -C "$work/$1" new message/send --to "$2" \
		--set precedence=routine --set "subject=$3" \
		--set message=en:text >/dev/null
}
# arrives PARTY SUBJECT: 1 once it is there.
arrives() {
	for _ in $(seq 150); do
		"$comity" -C "$work/$1" --json list --text "$2" |
			jq -e '.matters | length == 1' >/dev/null && {
			echo 1
			return
		}
		sleep 0.1
	done
	echo 0
}
i=0
for party in AAA BBB; do
	"$comity" -C "$work/$party" init --party $party --name en=$party \
		--listen "127.0.0.1:$((port + i))" --officer duty \
		--powers '*' >/dev/null
	serve $party $i
	i=$((i + 1))
done
a peer add "http://127.0.0.1:$((port + 1))" \
	--fingerprint "$(b --json status | jq -r .fingerprint)" >/dev/null
b peer add "http://127.0.0.1:$port" \
	--fingerprint "$(a --json status | jq -r .fingerprint)" >/dev/null
send AAA BBB before
check "before the change" "$(arrives BBB before)" 1
a key renew log witness box --root "$work/AAA/keys/root.key" >/dev/null
send AAA BBB between
check "signed with the new key" "$(arrives BBB between)" 1
send BBB AAA back
check "sealed to the new box key" "$(arrives AAA back)" 1
kill "${pids[0]}"
wait "${pids[0]}" || true
serve AAA 0
check "the old key stands beside" "$(ls "$work/AAA/keys" | grep -c old)" 3
send AAA BBB after
check "after a start" "$(arrives BBB after)" 1
b export --all -o "$work/b.tar" >/dev/null
check "verified" "$(b verify "$work/b.tar" | grep -c '^It verifies')" 1
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
