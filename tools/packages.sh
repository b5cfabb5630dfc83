#!/usr/bin/env bash
# packages.sh [--run] [--list]: installs what packages.txt names (--run: what
# packages-run.txt names) and is missing here, as root or through sudo; --list
# only prints the missing packages.
# Exit status 1, with a sentence, where something is missing and cannot be had.
set -u
here=$(cd "$(dirname "$0")" && pwd)
list=$here/packages.txt
if [ "${1:-}" = --run ]; then
	list=$here/packages-run.txt
	shift
fi

has() {
	case $1 in
	pkg:*) pkg-config --exists "${1#pkg:}" 2>/dev/null ;;
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# A witness file may lie elsewhere (another release, another processor).
is_installed() {
	has "$2" || [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" \
		2>/dev/null)" = installed ]
}

missing=()
while read -r package witness why; do
	case $package in '' | '#'*) continue ;; esac
	is_installed "$package" "$witness" && continue
	missing+=("$package")
	[ "${1:-}" = --list ] || echo "missing: $package ($why)"
done <"$list"
if [ "${1:-}" = --list ]; then
	[ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
	exit 0
fi
if [ ${#missing[@]} -eq 0 ]; then
	echo "all packages that are needed are here"
	exit 0
fi
if ! command -v apt-get >/dev/null; then
	echo "this system has no apt-get: please install what corresponds to:" \
		"${missing[*]}" >&2
	exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
		echo "to install packages this must run as root or with sudo;" \
			"please run: apt-get install ${missing[*]}" >&2
		exit 1
	fi
	as_root=(sudo -n)
fi
export DEBIAN_FRONTEND=noninteractive
echo "installing with apt-get: ${missing[*]}"
"${as_root[@]}" apt-get -qq update ||
	echo "apt-get update failed; trying with the lists that are here" >&2
if ! "${as_root[@]}" apt-get -qq -y --no-install-recommends install \
	"${missing[@]}" >/dev/null; then
	echo "apt-get could not install: ${missing[*]}" >&2
	exit 1
fi
