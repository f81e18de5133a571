#!/bin/bash
# Starts the systemd unit in a container that boots (systemd-nspawn): active, the page answers,
# `systemctl stop` ends it within two seconds, and what it stored is there after the next start.
# usage: test-unit.sh [HEARTH_BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."
hearth=${1:-.build/release/hearth}
root=${HEARTH_ROOTFS:-/var/tmp/hearth-rootfs}
[ -x "$hearth" ] || { echo "$hearth is not there: make build"; exit 1; }
if [ ! -x "$root/usr/lib/systemd/systemd" ]; then
	mmdebstrap --quiet --variant=minbase \
		--include=systemd,systemd-sysv,dbus,udev,kmod,procps,curl,libsqlite3-0,libstdc++6 \
		bookworm "$root"
fi
install -D -m 755 "$hearth" "$root/usr/local/bin/hearth"
# A binary that is not linked statically needs the toolchain's libraries beside it.
if ldd "$hearth" | grep -q libswiftCore; then
	mkdir -p "$root/usr/local/lib/swift"
	ldd "$hearth" | awk '/swift/ && /=> \// { print $3 }' | xargs -r cp -t "$root/usr/local/lib/swift"
	echo /usr/local/lib/swift >"$root/etc/ld.so.conf.d/swift.conf"
	chroot "$root" ldconfig
fi
install -D -m 644 packaging/agent.yaml "$root/etc/hearth/agent.yaml"
sed -i 's/^window: .*/window: 1s/' "$root/etc/hearth/agent.yaml"
install -D -m 644 packaging/sysusers.d/hearth.conf "$root/usr/lib/sysusers.d/hearth.conf"
install -D -m 644 packaging/systemd/hearth-agent.service \
	"$root/etc/systemd/system/hearth-agent.service"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf ../hearth-agent.service "$root/etc/systemd/system/multi-user.target.wants/"
rm -rf "$root/var/lib/hearth"

SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --register=no --keep-unit \
	--private-network --capability=all --system-call-filter="bpf perf_event_open" \
	-D "$root" --boot </dev/null >"$root.log" 2>&1 &
nspawn=$!
leader=
cleanup() {
	[ -n "$leader" ] && nsenter -t "$leader" -a systemctl poweroff 2>/dev/null || true
	for _ in $(seq 50); do kill -0 $nspawn 2>/dev/null || return 0; sleep 0.2; done
	kill $nspawn 2>/dev/null || true
}
trap cleanup EXIT
for _ in $(seq 100); do
	leader=$(pgrep -P $nspawn | head -n 1 || true)
	[ -n "$leader" ] && nsenter -t "$leader" -a systemctl is-active -q hearth-agent 2>/dev/null && break
	sleep 0.2
done
inside() { nsenter -t "$leader" -a "$@"; }
fail() { echo "test-unit: $*"; inside systemctl status --no-pager hearth-agent || true
	inside journalctl -u hearth-agent --no-pager -n 30 || true; exit 1; }
# Application names with CPU time between two Unix times, as the store has them.
stored() {
	inside curl -sf "http://127.0.0.1:4041/api/v1/services?from=$1&until=$2"
}

inside systemctl is-active -q hearth-agent || fail "the unit is not active"
inside systemctl status --no-pager hearth-agent | head -n 5
for _ in $(seq 50); do inside curl -sf -o /dev/null http://127.0.0.1:4041/ready && break; sleep 0.2; done
inside curl -sf http://127.0.0.1:4041/ | grep -qi hearth || fail "the page does not answer"
from=$(date +%s)
sleep 4
until=$(date +%s)
before=$(stored "$from" "$((until - 2))")
[ "${#before}" -gt 40 ] || fail "nothing was stored: $before"
inside curl -sf "http://127.0.0.1:4041/pyroscope/render?format=collapsed&from=$from&until=$until&query=process_cpu:cpu:nanoseconds:cpu:nanoseconds%7B%7D" |
	grep -q do_syscall_64 || fail "the kernel's functions have no names"
start=$(date +%s%N)
inside systemctl stop hearth-agent
took=$((($(date +%s%N) - start) / 1000000))
echo "test-unit: systemctl stop took $took ms"
[ "$took" -lt 2000 ] || fail "stopping took $took ms"
[ "$(inside systemctl show -p Result --value hearth-agent)" = success ] || fail "it did not end well"
inside systemctl start hearth-agent
for _ in $(seq 50); do inside curl -sf -o /dev/null http://127.0.0.1:4041/ready && break; sleep 0.2; done
after=$(stored "$from" "$((until - 2))")
[ "$before" = "$after" ] || fail "stored before and after differ: $before / $after"
echo "test-unit: passed"
