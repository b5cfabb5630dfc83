#!/usr/bin/env bash
# imports.sh ROOT: imports run downward only, as rooms.txt says.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$1" && pwd)
mapfile -t files < <(find "$root/src" -mindepth 2 -name '*.[ch]' | LC_ALL=C sort)
if [ ${#files[@]} -eq 0 ]; then
	echo "$root/src has no source files" >&2
	exit 1
fi
awk -f "$here/imports.awk" "$here/rooms.txt" "${files[@]}"
