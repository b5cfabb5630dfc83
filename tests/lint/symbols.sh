#!/usr/bin/env bash
# symbols.sh BUILD: what the objects of a plain build (no sanitizer) say:
#  - all that a file exports starts with a word of its name (its module, its part)
#    or the room's, and a module's name belongs to one room;
#  - nothing is writable for the life of the program (.data .bss .tdata .tbss);
#  - allocators, clocks, jansson and printing are wanted by listed files alone.
# Exceptions, with reasons: symbols.txt.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
mapfile -t objects < <(find "$build/src" -name '*.o' \
	! -name 'meson-generated_*' | LC_ALL=C sort)
if [ ${#objects[@]} -eq 0 ]; then
	echo "$build/src has no objects" >&2
	exit 1
fi
# "<build>/src/<room>/<library>/<file>.c.o:<a row of nm>"
nm -A --format=sysv "${objects[@]}" |
	sed -nE "s|^$build/src/([^/]*)/[^:]*/([^/:]*)\.c\.o:|\1/\2\t|p" |
	awk -f "$here/symbols.awk" "$here/symbols.txt" -
