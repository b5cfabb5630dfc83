#!/bin/sh
# strange.sh SEED N FOLD_LINES: N histories of spoiled procedures that pass the
# check all the same, folded by the reference and by the C engine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python3 "$here/strange.py" "$1" "$2" "$root"/procedures/*.json \
    "$root/tests/vectors/laboratory/kitchen.json" | "$3" "$root"
