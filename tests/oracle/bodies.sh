#!/bin/sh
# bodies.sh SEED N FORM_LINES: N random bodies, tested against the laboratory's
# form by the reference and by the C engine: the first fault is the same.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python3 "$here/bodies.py" "$1" "$2" | "$3" "$root"
