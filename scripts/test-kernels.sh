#!/bin/bash
# Boots Debian's cloud kernels of three suites (6.1, 6.12 and the newest there is) in QEMU, without KVM.
# On each, hearth has to load and attach its BPF programs, and to profile two oracle programs: their
# stacks must be exact. usage: test-kernels.sh [HEARTH_BINARY [SUITE…]]
set -euo pipefail
cd "$(dirname "$0")/.."
hearth=${1:-.build/release/hearth}
suites=${*:2}
suites=${suites:-bookworm trixie sid}
# Through libc's qsort, system calls, the vDSO and a coroutine; signal handlers on a stack of their own.
programs="libc/gcc-O2-nofp signals/gcc-O2-nofp-static"
# How long a program runs before it counts (kernels/init.sh tells why), and then. On emulated CPUs a debug
# build of hearth does not keep up: it shows whether the BPF programs load, and fails.
warm_up=6
seconds=25
frequency=97
cache=${HEARTH_CACHE:-$HOME/.cache/hearth}/kernels
[ -x "$hearth" ] || { echo "$hearth is not there: make build"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A program of apt that sees one suite alone, in folders beside the machine's own.
archive() {
	local folder=$cache/$1
	"$2" -qq -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=- \
		-o "Dir::State::Lists=$folder/lists" -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= \
		-o Acquire::Languages=none -o APT::Sandbox::User=root "${@:3}"
}

# usage: dependency SUITE PACKAGE START: what the package depends on whose name starts so.
dependency() {
	archive "$1" apt-cache depends "$2" |
		awk -v s="$3" '$1 == "Depends:" && index($2, s) == 1 && !n++ { print $2 }'
}

# Leaves the newest kernel of a suite as $cache/SUITE/vmlinuz-VERSION. Asks the archive once a week.
fetch_kernel() {
	local suite=$1 folder=$cache/$1 image binary version
	[ -n "$(find "$folder" -name 'vmlinuz-*' -newermt '7 days ago' 2>/dev/null)" ] && return
	mkdir -p "$folder/lists/partial"
	echo "deb http://deb.debian.org/debian $suite main" >"$folder/sources.list"
	[ "$suite" = sid ] ||
		echo "deb http://deb.debian.org/debian-security $suite-security main" >>"$folder/sources.list"
	if ! archive "$suite" apt-get update; then
		compgen -G "$folder/vmlinuz-*" >/dev/null || exit 1
		echo "test-kernels: the archive does not answer; $suite's kernel is the one of last time"
		return
	fi
	# The package that depends on the newest; since 7.x the image proper is in linux-binary-*.
	image=$(dependency "$suite" linux-image-cloud-amd64 linux-image-)
	binary=$(dependency "$suite" "$image" linux-binary-)
	image=${binary:-$image}
	version=$(archive "$suite" apt-cache show --no-all-versions "$image" | awk '$1 == "Version:" { print $2 }')
	if [ ! -e "$folder/vmlinuz-$version" ]; then
		(cd "$work" && archive "$suite" apt-get download "$image")
		dpkg-deb --fsys-tarfile "$work/$image"_*.deb | tar -xO --wildcards '*/vmlinuz*' >"$folder/new"
		rm -f "$work"/*.deb "$folder"/vmlinuz-*
		mv "$folder/new" "$folder/vmlinuz-$version"
	fi
	touch "$folder/vmlinuz-$version"
}

# usage: put PROGRAM PLACE: copies it into the initramfs, and the libraries it needs to where they are here.
put() {
	install -D -m 755 "$1" "$work/root/$2"
	# Lines end in "/path/of/library (address)"; of a static program there are none, and ldd fails.
	{ ldd "$1" 2>/dev/null || true; } | awk '/\// { print $(NF - 1) }' |
		while read -r library; do install -D -m 755 "$library" "$work/root/$library"; done
}

for suite in $suites; do fetch_kernel "$suite"; done
scripts/accuracy.py build --filter "^(${programs// /|})\$"
put "$(command -v busybox)" bin/busybox
put "$hearth" bin/hearth
strip --strip-debug "$work/root/bin/hearth"
for program in $programs; do
	name=${program%/*}
	put ".build/oracle/${program/\//-}/$name" "oracle/$name"
done
install -m 755 scripts/kernels/init.sh "$work/root/init"
# Not compressed: an emulated CPU would be long at unpacking it.
(cd "$work/root" && find . | cpio --quiet -o -H newc -R 0:0) >"$work/initramfs"

settings="warm_up=$warm_up seconds=$seconds frequency=$frequency"
boot() {
	timeout 240 qemu-system-x86_64 -M pc -accel tcg,thread=multi -cpu max -smp 2 -m 2048 \
		-nodefaults -no-reboot -display none -kernel "$cache/$1"/vmlinuz-* -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off $settings" \
		-serial "file:$work/$1/console" -serial "file:$work/$1/seen.tar" </dev/null ||
		echo "test-kernels: $1: QEMU ended with $?"
}
for suite in $suites; do
	mkdir "$work/$suite"
	start=$SECONDS
	boot "$suite"
	# One boot in a hundred of Linux 7.2 in QEMU 7.2 ended in an int3 that the kernel, which patches its
	# code while it boots, took for nobody's.
	if ! grep -q 'first process' "$work/$suite/console"; then
		echo "test-kernels: $suite: the kernel ended before its first process; once more. It said:"
		grep -E 'Oops|BUG|RIP|panic' "$work/$suite/console" | head -n 8 || true
		boot "$suite"
	fi
	echo "test-kernels: $suite: $((SECONDS - start)) s"
	# Cut when the machine did not get to the end: what there is of it is judged all the same.
	tar -xf "$work/$suite/seen.tar" -C "$work/$suite" || tail -n 40 "$work/$suite/console"
done
# shellcheck disable=SC2086
scripts/kernels/check.py "$work" $programs -- $suites
