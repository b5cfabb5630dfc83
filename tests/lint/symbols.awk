# symbols.awk symbols.txt - : reads "ROOM/FILE", a tab, and a line of
# nm --format=sysv.  See symbols.sh.
function fail(text)
{
	print file ".c: " text
	bad = 1
}
function is_prefixed(name,    n, i, list)
{
	if (index(name, module "_") == 1 || name == module)
		return 1
	# a part may be a module inside: node_line.c with line.h
	if (part != "" && index(name, part "_") == 1)
		return 1
	# what the room's main header declares bears the room's name
	if (index(name, room "_") == 1)
		return 1
	n = split(prefixes[file], list, " ")
	for (i = 1; i <= n; i++)
		if (index(name, list[i]) == 1)
			return 1
	return 0
}
FNR == NR {
	sub(/[ \t]*( : .*)?$/, "")
	for (i = 3; i <= NF; i++) {
		if ($1 == "prefix")
			prefixes[$2] = prefixes[$2] " " $i
		else if ($1 == "only")
			only[$i] = $2
		else if ($1 == "data")
			data[$2, $i] = 1
		else if ($1 == "let")
			let[$2, $i] = 1
	}
	for (i = 2; i <= NF; i++) {
		if ($1 == "quiet")
			quiet[$i] = 1
		else if ($1 == "quietly")
			quietly[$i] = 1
	}
	next
}
{
	tab = index($0, "\t")
	file = substr($0, 1, tab - 1)
	n = split(substr($0, tab + 1), f, "|")
	if (n < 7)
		next
	for (i = 1; i <= n; i++)
		gsub(/^ +| +$/, "", f[i])
	name = f[1]
	class = f[3]
	section = f[7]
	room = file
	sub(/\/.*/, "", room)
	module = file
	sub(/^[^\/]*\//, "", module)
	part = ""
	if (module ~ /_/) {
		part = module
		sub(/^[^_]*_/, "", part)
	}
	sub(/_.*/, "", module)
	plain = name
	sub(/^__/, "", plain)
	sub(/_chk$/, "", plain)
}
class == "U" {
	if (name in only && only[name] != file)
		fail("wants " name ", which only " only[name] ".c may")
	if (room in quiet && (plain in quietly || name in quietly) &&
	    !((file, plain) in let) && !((file, name) in let))
		fail("wants " name ", but " room "/ neither prints nor ends")
	next
}
class ~ /^[A-TVWX]$/ && section !~ /^\.debug/ {
	if (!is_prefixed(name))
		fail("exports " name ", which does not start with " module "_")
	if (module in home && home[module] != room)
		fail("module " module " is in " home[module] "/ too")
	home[module] = room
}
section ~ /^\.(data|bss|tdata|tbss)/ && section !~ /^\.data\.rel\.ro/ &&
    name !~ /^\./ {
	sub(/\.[0-9]+$/, "", name)
	if (!((file, name) in data))
		fail(name " is writable, in " section)
}
END { exit bad }
