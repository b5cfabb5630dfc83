#!/usr/bin/env bash
# size.sh ROOT: functions to 80 lines, files to 700, nesting to three blocks.
# Exceptions, with reasons: size.txt.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$1" && pwd)
folders=()
for d in src tests fuzz bench tools; do
	[ ! -d "$root/$d" ] || folders+=("$root/$d")
done
mapfile -t files < <(find "${folders[@]}" -name '*.[ch]' | LC_ALL=C sort)
awk -v root="$root" -f "$here/size.awk" \
	"${SIZE_TXT:-$here/size.txt}" "${files[@]}"
