#!/bin/sh
# differential.sh SEED N [FOLD_LINES]: N random histories, spread over all
# procedures of the catalogue and the laboratory's kitchen, folded by the
# reference and by the C engine, and compared.  FOLD_LINES is the program of
# that name (default: build/tests/unit/rules/fold_lines).
set -eu
if [ $# -lt 2 ]; then
	sed -n '2,5s/^# //p' "$0" >&2
	exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
fold=${3:-$root/build/tests/unit/rules/fold_lines}
files=$(ls "$root"/procedures/*.json "$root/tests/vectors/laboratory/kitchen.json")
count=$(echo "$files" | wc -l)
each=$((($2 + count - 1) / count))
for file in $files; do
	python3 "$here/reference.py" random "$1" "$each" "$file"
done | "$fold" "$root"
