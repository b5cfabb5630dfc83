#!/bin/sh
# Build tlogcheck (Go's own trees, proofs and notes), test that it accepts and
# refuses, and hold our logs against it.
#   tlogcheck.sh WRITER   the program that lays out a log (tlogcheck_write)
# Exit 77 (skipped) where Go or its x/mod library is absent.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
writer=$1
gopath=/usr/share/gocode
command -v go >/dev/null || { echo "no go here"; exit 77; }
[ -d "$gopath/src/golang.org/x/mod/sumdb" ] || { echo "no x/mod here"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
GO111MODULE=off GOPATH=$gopath GOPROXY=off CGO_ENABLED=0 \
    GOCACHE=${GOCACHE:-${HOME:-$dir}/.cache/go-build} \
    go build -o "$dir/tlogcheck" "$here/tlogcheck.go"

# Self-test on the published log, where it is at hand.
log300=${COMITY_SHARED:-${COMITY_SOURCE:-$here/../..}/../shared}/formats/vectors/tlog/log300
key='comity.example/jpn+c9183e18+Ae7E48ZOdQ/9qzWGmOmppM9JhMYxf+lJFMmJe8pnk+Ir'
if [ -d "$log300" ]; then
	"$dir/tlogcheck" -vkey "$key" -old "$log300/checkpoint.8" "$log300"
	if "$dir/tlogcheck" -vkey "$key" -old "$log300/fork-checkpoint.8" "$log300"; then
		echo "tlogcheck took a fork"
		exit 1
	fi
fi

# Our own log at some sizes, with a checkpoint of each size on the way.
for sizes in 0 "0 1" "0 1 2 3 255" "0 1 256 257" \
    "0 1 2 3 255 256 257 300 511 512 65535 65536 66000"; do
	rm -rf "$dir/log"
	# shellcheck disable=SC2086
	keys=$("$writer" "$dir/log" $sizes)
	olds=
	for size in $sizes; do
		olds="$olds -old $dir/log/checkpoint.$size"
	done
	# shellcheck disable=SC2086
	set -- $keys
	# shellcheck disable=SC2086
	"$dir/tlogcheck" -vkey "$1" -cosigner "$2" -cosigner "$3" -entry 48 \
	    -step 997 $olds "$dir/log"
done

# What was damaged is refused: four bytes of a tile, of a bundle, of the head.
for file in tile/0/001 tile/1/000 tile/entries/002 checkpoint; do
	cp "$dir/log/$file" "$dir/good"
	printf '\377\0\377\0' | dd of="$dir/log/$file" bs=1 seek=30 conv=notrunc 2>/dev/null
	if "$dir/tlogcheck" -vkey "$1" -cosigner "$2" -step 997 "$dir/log"; then
		echo "tlogcheck took a damaged $file"
		exit 1
	fi
	cp "$dir/good" "$dir/log/$file"
done
"$dir/tlogcheck" -vkey "$1" -cosigner "$2" -step 997 "$dir/log"
