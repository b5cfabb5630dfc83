#!/bin/sh
# tls.sh COMITY: two nodes over TLS with certificates of an authority of their
# own; and what is refused.  Exit status 77 where a tool is missing.
set -eu
comity=$(realpath "$1")
for tool in openssl curl jq; do
	command -v "$tool" >/dev/null || exit 77
done
at=$(mktemp -d)
pids=
# shellcheck disable=SC2154 # pids: more than one
trap 'for p in $pids; do kill "$p" 2>/dev/null || :; done; rm -rf "$at"' EXIT
cd "$at"

fail() {
	echo "tls.sh: $*" >&2
	cat ./*.log >&2 || :
	exit 1
}

key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$1" 2>/dev/null
}

key ca.key
openssl req -x509 -new -key ca.key -days 2 -subj /CN=authority -out ca.pem
for n in jpn usa; do
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	upper=$(echo $n | tr a-z A-Z)
	"$comity" init $n --party "$upper" --name en=$n \
		--listen "127.0.0.1:$port" --address "https://localhost:$port" \
		>/dev/null 2>init.log </dev/null || fail "init"
	key $n/tls.key
	openssl req -new -key $n/tls.key -subj /CN=localhost -out $n.csr
	echo subjectAltName=DNS:localhost >$n.ext
	openssl x509 -req -in $n.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
		-days 2 -extfile $n.ext -out $n/tls.pem 2>/dev/null
	cp ca.pem $n/ca.pem
	sed -i 's/^; certificate = .*/certificate = tls.pem/
		s/^; key = .*/key = tls.key/
		s/^; authorities = .*/authorities = ca.pem/' $n/comity.ini
	echo "$port" >$n.port
done

start() {
	"$comity" -C "$1" serve >"$1.log" 2>&1 &
	pids="$pids $!"
	for _ in $(seq 100); do
		grep -q 'listens at https' "$1.log" && return
		sleep 0.1
	done
	fail "$1 does not start"
}

start jpn
start usa
port=$(cat jpn.port)
curl -sS --cacert ca.pem -D head "https://localhost:$port/health" >/dev/null ||
	fail "no answer over TLS"
grep -qi '^strict-transport-security:' head || fail "no HSTS"
if curl -sS "https://localhost:$port/health" 2>/dev/null; then
	fail "an unknown authority was taken"
fi
if curl -sS "http://localhost:$port/health" 2>/dev/null; then
	fail "answered without TLS"
fi
for pair in "jpn usa" "usa jpn"; do
	set -- $pair
	address=https://localhost:$(cat "$2.port")
	print=$("$comity" -C "$1" --json peer look "$address" | jq -r .fingerprint)
	"$comity" -C "$1" peer add "$address" --fingerprint "$print" >/dev/null
done
for _ in $(seq 100); do
	up=$("$comity" -C jpn --json board | jq -r '.lines[0].reachable')
	[ "$up" = true ] && break
	sleep 0.1
done
[ "$up" = true ] || fail "the line does not work"

# What is refused, and how it is said.
for p in $pids; do kill "$p"; done
for p in $pids; do wait "$p" || :; done
pids=
refused() {
	if "$comity" -C jpn serve >refused.log 2>&1; then
		fail "taken: $1"
	fi
	grep -q "$1" refused.log || fail "not said: $1"
}
echo no certificate >jpn/tls.pem
refused 'are PEM and belong together'
cp usa/tls.pem jpn/tls.pem
refused 'are PEM and belong together'
rm jpn/tls.pem
refused 'tls.pem'
sed -i '/^certificate/d; /^key/d; s/^listen.*/listen = 0.0.0.0:0/' jpn/comity.ini
refused 'plain = yes'
