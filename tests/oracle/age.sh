#!/bin/sh
# Sealed files both ways between us and the age command.
#   age.sh TOOL   our side (age_tool)
# Exit 77 (skipped) where age is absent.
set -eu
case $1 in
/*) tool=$1 ;;
*) tool=$PWD/$1 ;;
esac
command -v age-keygen >/dev/null || {
	echo "no age here"
	exit 77
}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
fail() {
	echo "FAIL $*"
	exit 1
}

for i in 1 2 3; do
	age-keygen -o "id$i" 2>/dev/null
	age-keygen -y "id$i" >"to$i"
	grep '^AGE-SECRET-KEY-1' "id$i" >"secret$i"
	[ "$("$tool" box "$(cat "secret$i")")" = "$(cat "to$i")" ] ||
		fail "recipient of identity $i"
done
to1=$(cat to1) to2=$(cat to2) to3=$(cat to3)

n=0
for size in 0 1 65535 65536 65537 131072 131073; do
	head -c "$size" /dev/urandom >plain
	# one recipient, and three of them
	"$tool" seal "$to1" <plain >ours1
	"$tool" seal "$to1" "$to2" "$to3" <plain >ours3
	age -r "$to1" -o theirs1 plain
	age -r "$to1" -r "$to2" -r "$to3" -o theirs3 plain
	[ "$(wc -c <ours1)" -eq "$(wc -c <theirs1)" ] || fail "size, $size"
	[ "$(wc -c <ours3)" -eq "$(wc -c <theirs3)" ] || fail "size, $size"
	age -d -i id1 ours1 | cmp -s - plain || fail "ours to age, $size"
	"$tool" open "$(cat secret1)" <theirs1 | cmp -s - plain ||
		fail "age to ours, $size"
	for i in 1 2 3; do
		age -d -i "id$i" ours3 | cmp -s - plain ||
			fail "ours to age, $size, recipient $i"
		"$tool" open "$(cat "secret$i")" <theirs3 | cmp -s - plain ||
			fail "age to ours, $size, recipient $i"
		n=$((n + 2))
	done
	n=$((n + 2))
done

# What neither opens.
refused() {
	what=$1 file=$2 want=$3
	if age -d -i id2 "$file" >/dev/null 2>&1; then
		fail "age opens: $what"
	fi
	rc=0
	"$tool" open "$(cat secret2)" <"$file" >out 2>/dev/null || rc=$?
	[ "$rc" -eq "$want" ] || fail "$what: exit $rc, not $want"
	[ ! -s out ] || fail "$what: something was handed out"
	n=$((n + 1))
}
refused "not for this identity" theirs1 3
refused "not for this identity" ours1 3
head -c $(($(wc -c <ours3) - 1)) ours3 >short
refused "cut by a byte" short 2
head -c $((22 + 3 * 98 + 48 + 16 + 2 * 65552)) ours3 >short
refused "cut behind a chunk" short 2
{ cat theirs3; echo; } >longer
refused "something behind" longer 2
# age takes armour, ours does not
age -a -r "$to2" -o armoured plain
if "$tool" open "$(cat secret2)" <armoured >/dev/null 2>&1; then
	fail "armour"
fi
echo "$((n + 1)) passed"
