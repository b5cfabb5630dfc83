#!/bin/sh
# Bundles that real nodes wrote, read by archive.py, which shares no code with
# them; and each kind of damage is refused, for its own reason.
#   archive.sh WRITER   the program that writes them (archive_write)
# Exit 77 (skipped) where openssl or python3 is absent.
# shellcheck disable=SC2016 # what stands in quotes is run later, in the bundle
set -eu
here=$(cd "$(dirname "$0")" && pwd)
writer=$(realpath "$1")
command -v openssl >/dev/null || { echo "no openssl here"; exit 77; }
command -v python3 >/dev/null || { echo "no python3 here"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
"$writer" "$dir"
for file in all public matter; do
	python3 "$here/archive.py" "$file.tar"
done

cat >flip.py <<'END'
"""flip.py NOTE N: change the last bit of the signature in line N."""
import base64, sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
head, b64 = lines[int(sys.argv[2]) - 1].rsplit(" ", 1)
raw = bytearray(base64.b64decode(b64))
raw[-40] ^= 1
lines[int(sys.argv[2]) - 1] = head + " " + base64.b64encode(raw).decode()
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(lines))
END

# Each line: what is done to the unpacked bundle, and a part of the answer.
mkdir good
tar -xf public.tar -C good
first() { find . -path "$1" | sort | head -n 1; }
longest() { find . -path "./log/*/entries/0" -exec ls -S {} + | head -n 1; }
spoil() { printf '~' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
refused() {
	want=$1
	rm -rf bad
	cp -r good bad
	(cd bad && eval "$2")
	tar --format=ustar -cf bad.tar -C bad .
	status=0
	python3 "$here/archive.py" bad.tar >out 2>&1 || status=$?
	if [ "$status" != 1 ] || ! grep -q "$want" out; then
		echo "not refused as it has to be ($2): $status $(cat out)"
		exit 1
	fi
}
refused 'no signature verifies' \
	'sed -i "s/\"sig\":\"....../\"sig\":\"AAAAAA/" "$(first "./act/*/1")"'
refused 'charter is missing' 'rm "$(first "./act/*/0")"'
refused 'is not the one at entry' 'f=$(first "./act/*/1"); mv "$f" "${f%1}2"'
refused 'the root at' 'spoil "$(longest)" 60'
refused 'beyond its entries' 'truncate -s 48 "$(longest)"'
refused 'not signed by the log key' 'sed -i 5d "$(first "./log/*/checkpoint")"'
refused 'without a signed head' 'rm -r log/*/checkpoint log/*/cosigned'
refused 'its SHA-256 is another' 'echo >>"$(first "./procedure/*")"'
refused 'another tile' 'spoil "$(first "./logs/*/tile/0/*/*")" 0'
refused 'no plain file' 'ln -s x link'
for cosigned in 5 6; do # the log's own signature, a witness's
	refused 'a signature does not verify' \
		"python3 ../flip.py \"\$(first './log/*/checkpoint')\" $cosigned"
done
for cut in 20000 -10240; do # in a member, and behind the last one
	head -c "$cut" public.tar >bad.tar
	if python3 "$here/archive.py" bad.tar; then
		echo "a cut bundle was taken"
		exit 1
	fi
done
