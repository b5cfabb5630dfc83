#!/bin/sh
# spoiled.sh SEED N FAULTS_LINES: N spoiled procedure files, checked by the
# reference and by the C engine: the same are faulty, at the same places.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python3 "$here/spoiled.py" "$1" "$2" "$root"/procedures/*.json \
    "$root"/tests/vectors/laboratory/kitchen.json \
    "$root"/tests/vectors/laboratory/forms.json | "$3"
