#!/usr/bin/env bash
# format.sh ROOT: every C file is as clang-format leaves it.
set -eu
root=$(cd "$1" && pwd)
if ! command -v clang-format >/dev/null; then
	echo "clang-format is not installed" >&2
	exit 77
fi
cd "$root"
folders=()
for d in src tests fuzz bench tools; do
	[ ! -d "$d" ] || folders+=("$d")
done
out=$(mktemp)
trap 'rm -f "$out"' EXIT
mapfile -t files < <(find "${folders[@]}" -name '*.[ch]' | LC_ALL=C sort)
[ ${#files[@]} -gt 0 ] || exit 0
if clang-format --dry-run -Werror "${files[@]}" 2>"$out"; then
	exit 0
fi
sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: error: .*/\1/p' "$out" | uniq |
	sed "s|.*|$root/&: run clang-format -i on it|"
exit 1
