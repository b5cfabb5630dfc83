# imports.awk rooms.txt FILE... : each file below <root>/src/<room>/ includes
# its own room, the rooms that rooms.txt allows, and its own libraries alone.
function fail(text)
{
	print FILENAME ":" FNR ": " text
	bad = 1
}
FNR == NR {
	if ($0 !~ /^#/ && NF > 0) {
		known[$1] = 1
		for (i = 2; i <= NF; i++) {
			may[$1, $i] = 1
			if ($i ~ /^</)
				owned[$i] = 1
		}
	}
	next
}
FNR == 1 {
	room = FILENAME
	sub(/.*\/src\//, "", room)
	sub(/\/.*/, "", room)
	if (!(room in known))
		fail(room "/ is no room of rooms.txt")
}
/^#[ \t]*include/ {
	what = $0
	sub(/^#[ \t]*include[ \t]*/, "", what)
	sub(/[ \t]*(\/\*.*)?$/, "", what)
	if (what ~ /^"/) {
		name = substr(what, 2)
		if (name !~ /\// || name ~ /\.\./) {
			fail(what " lacks its room: write \"room/module.h\"")
			next
		}
		sub(/\/.*/, "", name)
		if (name == room)
			next
		what = name
	} else if (!(what in owned)) {
		next
	}
	if (!((room, what) in may))
		fail(room "/ may not take " what)
}
END { exit bad }
