#!/usr/bin/env bash
# selftest.sh: each lint is tried on a right tree, and on trees with one wrong
# thing each, where it must fail and say so.
# Ends with one line: N passed, N failed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
cc=${CC:-cc}

# A small tree in which all is right.
right() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp"/t/src/{base,record,rules,store,node,review,web,cli} \
		"$tmp"/t/{fuzz/seeds/one,docs}
	cd "$tmp/t" || exit 1
	cp "$here/../../.clang-format" .
	printf '#include <jansson.h>\n\n#include "base/err.h"\n' >src/base/js.h
	printf '#ifndef X\n#define X\n#endif\n' >src/base/err.h
	cat >src/record/act.c <<-'C'
		#include "base/err.h"
		#include "record/act.h"
		/* see https://example.org/ */
		static const char *const site = "https://example.org/";

		int
		act_verify(const char *s)
		{
			return s == site;
		}
	C
	printf 'int act_verify(const char *s);\n' >src/record/act.h
	printf '#include <curl/curl.h>\n#include "store/store.h"\n' >src/node/node.h
	printf '/* one */\n' >fuzz/fuzz_one.c
	printf 'seed\n' >fuzz/seeds/one/seed
	for r in base record rules store node review web cli; do
		printf 'The room `src/%s/`.\n' "$r"
	done >ARCHITECTURE.md
	printf '[papers](ARCHITECTURE.md), `src/<room>/<module>.c`\n' >HACKING.md
	printf '# none\n' >size.txt
}

objects() {
	local f o
	while IFS= read -r f; do
		o=$tmp/t/build/${f%/*}/lib.p/${f##*/}.o
		mkdir -p "${o%/*}"
		"$cc" -Isrc -O1 -fno-common -fPIC -c "$f" -o "$o" || exit 1
	done < <(find src -name '*.c')
}

verdict() {
	if [ "$1" = ok ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $2"
		[ -z "${3:-}" ] || sed 's/^/     /' <<<"$3"
	fi
}

# fine LINT ARG: passes on the tree as it stands.
fine() {
	local out
	if out=$(SIZE_TXT=$tmp/t/size.txt "$here/$1" "$2" 2>&1); then
		verdict ok
	else
		verdict bad "$1 refuses a right tree" "$out"
	fi
}

# wrong LINT ARG TEXT: fails on the tree as it stands, and says TEXT.
wrong() {
	local out
	if out=$(SIZE_TXT=$tmp/t/size.txt "$here/$1" "$2" 2>&1); then
		verdict bad "$1 lets pass: $3"
	elif [[ $out != *"$3"* ]]; then
		verdict bad "$1 does not say: $3" "$out"
	else
		verdict ok
	fi
	right
}

right
for lint in imports.sh size.sh words.py papers.py; do
	fine "$lint" "$tmp/t"
done
objects
fine symbols.sh "$tmp/t/build"

right
echo '#include "web/web.h"' >>src/record/act.c
wrong imports.sh "$tmp/t" 'src/record/act.c:11: record/ may not take web'
echo '#include "rules/fold.h"' >src/store/store.h
wrong imports.sh "$tmp/t" 'store/ may not take rules'
echo '#  include <sodium.h> /* why not */' >src/web/web.h
wrong imports.sh "$tmp/t" 'web/ may not take <sodium.h>'
echo '#include "act.h"' >>src/record/act.c
wrong imports.sh "$tmp/t" 'lacks its room'
mkdir src/misc && echo 'int x;' >src/misc/x.c
wrong imports.sh "$tmp/t" 'misc/ is no room'
rm -r src
wrong imports.sh "$tmp/t" 'src'

# symbols ROOM/FILE TEXT WORDS: the file with this text is found wanting.
symbols() {
	printf '%s\n' "$2" >"src/$1"
	objects
	wrong symbols.sh "$tmp/t/build" "$3"
}
symbols record/key.c 'int helper(void) { return 1; }' \
	'record/key.c: exports helper'
symbols record/key_file.c 'int files_of(void) { return 1; }' \
	'record/key_file.c: exports files_of'
printf 'int file_x(void) { return 1; }\nint record_y(void) { return 1; }\n' \
	>src/record/key_file.c
objects
fine symbols.sh "$tmp/t/build"
right
symbols record/key.c 'int key_count;' 'key_count is writable'
symbols record/key.c 'int key_next(void) { static int n = 3; return n++; }' \
	'n is writable'
symbols record/key.c '_Thread_local int key_last;' 'key_last is writable'
symbols record/key.c '#include <stdlib.h>
void *key_new(void) { return malloc(7); }' 'wants malloc'
symbols record/key.c '#include <time.h>
long key_age(void) { return time(NULL); }' 'wants time'
symbols rules/fold.c '#include <stdio.h>
void fold_say(int n) { printf("%d fold\n", n); }' 'wants printf'
symbols rules/fold.c '#include <stdlib.h>
void fold_end(void) { exit(1); }' 'wants exit'
symbols rules/act.c 'int act_judge(void) { return 1; }' \
	'module act is in'
symbols cli/main.c 'int stop; int main(void) { return stop; } int go;' \
	'go is writable'
wrong symbols.sh "$tmp/t" 'has no objects'
printf 'int stop;\nint main(void) { return stop; }\n' >src/cli/main.c
objects
# the flag is let through, its name is not
wrong symbols.sh "$tmp/t/build" 'exports stop'
printf 'static volatile int stop;\nint main(void) { return stop++; }\n' \
	>src/cli/main.c
objects
fine symbols.sh "$tmp/t/build"

# long LINES: a file with one function of so many lines
long() {
	printf 'int\nact_long(void)\n{\n'
	seq "$(($1 - 4))" | sed 's/.*/\tact_do(&);/'
	printf '\treturn 0;\n}\n'
}
right
long 80 >src/record/act.c
fine size.sh "$tmp/t"
long 81 >src/record/act.c
wrong size.sh "$tmp/t" 'src/record/act.c:2: act_long() has 81 lines'
long 81 >src/record/act.c
echo 'src/record/act.c act_long 90 one table' >size.txt
fine size.sh "$tmp/t"
echo 'src/record/act.c act_long 90' >size.txt
wrong size.sh "$tmp/t" 'needs its reason'
yes 'int act_x;' | head -n 700 >src/record/act.c
fine size.sh "$tmp/t"
echo 'int act_x;' >>src/record/act.c
wrong size.sh "$tmp/t" 'the file has 701 lines'
yes 'int act_x;' | head -n 701 >src/base/a.h
wrong size.sh "$tmp/t" 'src/base/a.h:701'
printf 'int\nact_x(int n)\n{\n\tif (n)\n\t\tif (n)\n\t\t\tif (n)\n\t\t\t\treturn 1;\n\treturn 0;\n}\n' \
	>src/record/act.c
fine size.sh "$tmp/t"
sed -i 's/^\t\t\t\treturn/\t\t\t\tif (n)\n\t&/' src/record/act.c
wrong size.sh "$tmp/t" 'nested deeper'

if command -v clang-format >/dev/null; then
	rm -f fuzz/fuzz_one.c src/base/js.h src/node/node.h
	clang-format -i src/*/*.[ch]
	fine format.sh "$tmp/t"
	echo 'int  act_y ;' >>src/record/act.c
	wrong format.sh "$tmp/t" 'src/record/act.c: run clang-format'
fi

echo 'int x; // why' >>src/record/act.c
wrong words.py "$tmp/t" 'src/record/act.c:11: a // comment'
echo 'See /ho''me/ann/comity' >HACKING.md
wrong words.py "$tmp/t" 'HACKING.md:1: names a path of one machine'
echo "cd /wo""rk && make" >fuzz/run
wrong words.py "$tmp/t" 'fuzz/run:1: names a path'
echo 'out = "/t''mp/x"' >src/base/a.h
wrong words.py "$tmp/t" 'temporary'
echo 'see https://py''pi.org/simple' >docs/a.md
wrong words.py "$tmp/t" 'docs/a.md:1: names a registry host'
printf 'a\r\nb\n' >docs/a.md
wrong words.py "$tmp/t" 'docs/a.md:1: has a carriage return'
printf 'a' >docs/a.md
wrong words.py "$tmp/t" 'lacks the last line end'
printf 'caf\351\n' >docs/a.md
wrong words.py "$tmp/t" 'is not UTF-8'
printf 'net/work, a frame/work and homework; x = "\\"//";\n' >src/base/a.c
fine words.py "$tmp/t"

right
sed -i '/rules/d' ARCHITECTURE.md
wrong papers.py "$tmp/t" 'the room `src/rules/` is missing'
echo 'Read `src/record/gone.c`.' >>ARCHITECTURE.md
wrong papers.py "$tmp/t" 'ARCHITECTURE.md:9: src/record/gone.c does not exist'
echo 'See [it](docs/gone.md).' >>HACKING.md
wrong papers.py "$tmp/t" 'docs/gone.md leads nowhere'
rm fuzz/seeds/one/seed
wrong papers.py "$tmp/t" 'no seeds'

# counts TEXT WANT: what tally.py makes of one line of a test log.
counts() {
	local got
	echo "$1" >"$tmp/log"
	got=$("$here/../../tools/tally.py" "$tmp/log" | tail -n 1)
	if [ "$got" = "$2" ]; then
		verdict ok
	else
		verdict bad "tally.py counts $got, not $2: $1"
	fi
}
p='[  PASSED  ] 3 test(s).' s='[  SKIPPED ] 2 test(s), listed below:'
f='[  FAILED  ] 1 test(s), listed below:'
counts '{"name":"t","result":"OK","stdout":"","stderr":""}' '1 0 0'
counts '{"name":"t","result":"OK","stderr":"'"$p"'"}' '3 0 0'
counts '{"name":"t","result":"OK","stderr":"'"$p\\n$s"'"}' '3 0 2'
counts '{"name":"t","result":"FAIL","stderr":"'"$p\\n$f"'"}' '3 1 0'
counts '{"name":"t","result":"FAIL","stderr":"'"$p"'"}' '3 1 0'
counts '{"name":"t","result":"OK","stderr":"[  PASSED  ] 0 test(s)."}' '0 1 0'
counts '{"name":"t","result":"TIMEOUT"}' '0 1 0'
counts '{"name":"t","result":"SKIP"}' '0 0 1'
counts '{"name":"t","result":"OK","stdout":"a\n5 passed, 0 failed"}' '5 0 0'
counts '{"name":"t","result":"FAIL","stdout":"5 passed, 2 failed, 1 skipped"}' \
	'5 2 1'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
