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
bad=0
while IFS= read -r f; do
	if ! clang-format --dry-run -Werror "$f" 2>/dev/null; then
		echo "$root/$f: run clang-format -i on it"
		bad=1
	fi
done < <(find "${folders[@]}" -name '*.[ch]' | LC_ALL=C sort)
exit $bad
