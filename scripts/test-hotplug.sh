#!/bin/bash
# Takes a CPU away from the machine and gives it back while the daemon samples it: the clocks follow,
# and the ledger stays exact. usage: test-hotplug.sh [HEARTH_BINARY]
set -euo pipefail
cd "$(dirname "$0")/.."
hearth=${1:-.build/release/hearth}
switch=/sys/devices/system/cpu/cpu1/online
[ -w $switch ] || { echo "test-hotplug: CPU 1 cannot be switched on this machine"; exit 1; }
data=$(mktemp -d)
agent=
cleanup() {
	echo 1 >$switch
	[ -z "$agent" ] || { kill "$agent" && wait "$agent"; } 2>/dev/null || true
	rm -rf "$data"
}
trap cleanup EXIT
"$hearth" agent --listen 127.0.0.1:0 --data-dir "$data/store" --window 1s >"$data/log" 2>&1 &
agent=$!
for _ in $(seq 100); do
	url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+/' "$data/log" || true)
	[ -n "$url" ] && break
	sleep 0.1
done
# The sum of a metric over its labels, in text on standard input.
sum() { awk -v n="$1" 'index($1, n) == 1 { s += $2 } END { print s }'; }
expect_cpus() {
	for _ in $(seq 50); do
		[ "$(curl -sf "${url}metrics" | sum hearth_cpus)" = "$1" ] && return
		sleep 0.1
	done
	echo "test-hotplug: not $1 CPUs are sampled"
	exit 1
}
# CPU time in milliseconds that the store shows of a program.
seen() {
	curl -sfG "${url}pyroscope/render" -d from=now-1m -d format=collapsed --data-urlencode \
		"query=process_cpu:cpu:nanoseconds:cpu:nanoseconds{comm=\"$1\"}" |
		awk '{ s += $NF } END { print int(s / 1000000) }'
}
expect_cpus "$(nproc)"
echo 0 >$switch
expect_cpus "$(nproc)"
echo 1 >$switch
expect_cpus "$(nproc)"
cp "$(command -v sha256sum)" "$data/on_cpu_1"
timeout 3 taskset -c 1 "$data/on_cpu_1" /dev/zero || true
for _ in $(seq 100); do # its window has to end and to be named
	[ "$(seen on_cpu_1)" -gt 300 ] && break
	sleep 0.2
done
[ "$(seen on_cpu_1)" -gt 300 ] || { echo "test-hotplug: CPU 1 is not sampled: $(seen on_cpu_1) ms"; exit 1; }
metrics=$(curl -sf "${url}metrics")
fired=$(sum hearth_samples_fired_total <<<"$metrics")
rest=$((fired - $(sum hearth_samples_delivered_total <<<"$metrics") - $(sum hearth_samples_lost_total <<<"$metrics")))
[ "${rest#-}" -le 4 ] || { echo "test-hotplug: $rest ticks of $fired are unaccounted for"; exit 1; }
echo "test-hotplug: passed"
