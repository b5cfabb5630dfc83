#!/bin/sh
# scenarios.sh FOLD_LINES: the reference passes every expectation of the
# scenarios, and the C engine gives the same results on all their views.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python3 "$here/reference.py" run "$root"/tests/vectors/scenarios/*.json \
    "$root/tests/vectors/laboratory/faults.json" | tail -n 1
python3 "$here/reference.py" lines "$root"/tests/vectors/scenarios/*.json |
    "$1" "$root"
