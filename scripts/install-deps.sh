#!/bin/bash
# Installs the Debian packages a tier needs, if any is missing. usage: install-deps.sh TIER…
set -euo pipefail
build="libbpf-dev libelf-dev zlib1g-dev libzstd-dev liblzma-dev libsqlite3-dev pkg-config"
# libbpf.a and libelf.a are linked statically; libelf's own compression needs are libz and libzstd.
test="clang-format gcc g++ binutils curl python3 python3-venv golang-go linux-perf chromium graphviz procps"
deep="systemd-container mmdebstrap bpftool"
# libc6-dbg: libc's local functions have names nowhere else.
accuracy="gcc g++ binutils linux-perf golang-go musl-tools libc6-dbg libc6-dev"
# libc6-dbg too: the largest debug file at hand.
names="gcc g++ binutils elfutils dwz llvm golang-go musl-tools xz-utils libc6-dbg"
protos="protobuf-compiler"
kernels="qemu-system-x86 busybox-static cpio gcc binutils python3 libc6-dbg"
packages=
for tier in "$@"; do packages+=" ${!tier}"; done
missing=
for package in $packages; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=" $package"
done
[ -z "$missing" ] && exit 0
echo "Installing:$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
