#!/bin/sh
# A served log, checked whole over HTTP by Go's own trees, proofs and notes.
#   tiles.sh SERVER SOURCE     SERVER: serve_log
# Exit 77 (skipped) where Go or its x/mod library is absent.
set -eu
server=$(realpath "$1") source=$(realpath "$2")
gopath=/usr/share/gocode
command -v go >/dev/null || { echo "no go here"; exit 77; }
[ -d "$gopath/src/golang.org/x/mod/sumdb" ] || { echo "no x/mod here"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
GO111MODULE=off GOPATH=$gopath GOPROXY=off CGO_ENABLED=0 \
    GOCACHE=${GOCACHE:-${HOME:-$dir}/.cache/go-build} \
    go build -o "$dir/tlogcheck" "$source/tests/oracle/tlogcheck.go"
cd "$dir"
mkfifo hold
for entries in 1 2 256 257 590; do
	rm -f said
	"$server" "$entries" <hold >said 2>log &
	pid=$!
	exec 3>hold
	tries=0
	while ! [ -s said ] && [ "$tries" -lt 300 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	read -r url key <said
	"$dir/tlogcheck" -vkey "$key" -entry 48 -step 7 "$url"
	exec 3>&-
	wait "$pid"
done
