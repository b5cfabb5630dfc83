#!/usr/bin/env bash
# witness.sh COMITY: two parties alone name a third node as outside witness; it
# cosigns both logs by C2SP add-checkpoint, and each party learns of both.
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
url() { echo "http://127.0.0.1:$((port + $1))"; }

serve() {
	"$comity" -C "$work/$1" serve >>"$work/$1.out" 2>&1 &
	pids+=($!)
	for _ in $(seq 100); do
		curl -sf "$(url "$2")/health" >/dev/null && return
		sleep 0.1
	done
	cat "$work/$1.out"
	exit 1
}

"$comity" -C "$work/WIT" init --party WIT --name en=Witness \
	--listen "127.0.0.1:$port" --officer duty --powers '*' >/dev/null
serve WIT 0
witness=$(curl -s "$(url 0)/logs" | jq -r '.logs[0].witness')
i=0
for party in JPN CHN; do
	i=$((i + 1))
	"$comity" -C "$work/$party" init --party $party --name en=$party \
		--listen "127.0.0.1:$((port + i))" --officer duty \
		--powers '*' --witness "$witness" >/dev/null
	sed -i "s|^[;# ]*submit *=.*|submit = $(url 0)|
		s|^[;# ]*heads_s *=.*|heads_s = 5|" "$work/$party/comity.ini"
	grep -q "^submit = http" "$work/$party/comity.ini"
	serve $party $i
done
for i in 1 2; do
	curl -s "$(url $i)/logs" | jq -r '.logs[0].vkey'
done >"$work/vkeys"
kill "${pids[0]}" && wait "${pids[0]}" || true
sed -i '/^[;# ]*logs *=/d' "$work/WIT/comity.ini"
while read -r key; do
	sed -i "s|^\[witness\]|[witness]\nlogs = $key|" "$work/WIT/comity.ini"
done <"$work/vkeys"
serve WIT 0
introduce() {
	local f
	f=$("$comity" -C "$work/$2" --json status | jq -r .fingerprint)
	"$comity" -C "$work/$1" peer add "$(url "$3")" --fingerprint "$f" >/dev/null
}
introduce JPN CHN 2
introduce CHN JPN 1
"$comity" -C "$work/JPN" new message/send --to CHN --set precedence=routine \
	--set subject=Line --set message=en:Check. >/dev/null

# Both logs, at both parties, cosigned by the outside witness.  A cosignature
# that comes after the heads were told goes with the next ones, seconds later.
count() {
	sqlite3 "$work/$1/record.db" "SELECT count(DISTINCT c.party) FROM
		cosignature c JOIN witness w ON w.no = c.witness
		WHERE w.party IS NULL"
}
for _ in $(seq 900); do
	[ "$(count JPN)$(count CHN)" = 22 ] && break
	sleep 0.1
done
passed=0 failed=0
check() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: $2, not $3"
	fi
}
check "logs that JPN knows to be witnessed" "$(count JPN)" 2
check "logs that CHN knows to be witnessed" "$(count CHN)" 2
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
