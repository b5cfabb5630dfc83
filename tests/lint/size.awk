# size.awk size.txt FILE... : lengths of files, functions, and nesting.
function fail(at, text)
{
	print FILENAME ":" at ": " text
	bad = 1
}
function limit(what, usual)
{
	return (short, what) in more ? more[short, what] : usual
}
function end_file()
{
	if (lines > limit("-", FILE_MAX))
		print last ":" lines ": the file has " lines \
		    " lines, the limit is " limit("-", FILE_MAX)
	if (lines > limit("-", FILE_MAX))
		bad = 1
}
BEGIN {
	FILE_MAX = 700
	FUNCTION_MAX = 80
	NESTING_MAX = 3 # tabs before the third if, for, while, do or switch
}
FNR == NR {
	if ($0 !~ /^#/ && NF > 0) {
		if (NF < 4) {
			print FILENAME ":" FNR ": an exception needs its reason"
			bad = 1
		}
		more[$1, $2] = $3
	}
	next
}
FNR == 1 {
	if (last != "")
		end_file()
	last = FILENAME
	short = substr(FILENAME, length(root) + 2)
	inside = 0
	name = ""
}
{ lines = FNR }
!inside && /^[A-Za-z_][A-Za-z0-9_]*\(/ {
	name = $0
	sub(/\(.*/, "", name)
	from = FNR
	deep = 0
}
!inside && /^\{/ && name != "" { inside = 1; next }
inside && /^\}/ {
	n = FNR - from + 1
	if (n > limit(name, FUNCTION_MAX))
		fail(from, name "() has " n " lines, the limit is " \
		    limit(name, FUNCTION_MAX))
	inside = 0
	name = ""
}
# What opens a fourth block; once a function.
inside && /^\t+(if|for|while|do|switch)[ (]/ {
	match($0, /^\t+/)
	if (RLENGTH > NESTING_MAX && !deep && !((short, name) in more)) {
		fail(FNR, name "() is nested deeper than three blocks")
		deep = 1
	}
}
END {
	if (last != "")
		end_file()
	exit bad
}
