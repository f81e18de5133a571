#!/bin/bash
# What the daemon costs, beside `perf record`, in one run on this machine: every CPU busy, 97 Hz.
# Prints the table of docs/OVERHEAD.md. usage: overhead.sh [HEARTH_BINARY] [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
hearth=${1:-.build/release/hearth}
seconds=${2:-60}
command -v bpftool >/dev/null || { echo "overhead: bpftool is missing: scripts/install-deps.sh deep"; exit 1; }
data=$(mktemp -d)
pids=
stats_before=$(sysctl -n kernel.bpf_stats_enabled)
cleanup() {
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	sysctl -q -w kernel.bpf_stats_enabled="$stats_before"
	rm -rf "$data"
}
trap cleanup EXIT
tick=$(getconf CLK_TCK)
# CPU of a process in milliseconds: user and system time of all its threads (proc(5), stat).
cpu_ms() { sed 's/.*) //' "/proc/$1/stat" | awk -v t="$tick" '{ print int(($12 + $13) * 1000 / t) }'; }
rss() { awk '/^VmRSS|^RssAnon/ { printf "%s %.1f MiB  ", $1, $2 / 1024 }' "/proc/$1/status"; }

sysctl -q -w kernel.bpf_stats_enabled=1
gcc -O1 -fno-omit-frame-pointer Tests/Programs/three_functions.c -o "$data/three_functions"
for _ in $(seq "$(nproc)"); do
	"$data/three_functions" $((3 * seconds + 120)) & pids="$pids $!"
done

"$hearth" agent --listen 127.0.0.1:0 --data-dir "$data/store" >"$data/log" 2>&1 &
agent=$!
pids="$pids $agent"
sleep 25 # start-up, first naming of what runs
before=$(cpu_ms $agent)
sleep "$seconds"
agent_ms=$(($(cpu_ms $agent) - before))
agent_rss=$(rss $agent)
bpf=$(bpftool prog show name on_cpu_sample 2>/dev/null | grep -oE 'run_time_ns [0-9]+ run_cnt [0-9]+' | head -n 1)
kill $agent; wait $agent || true

# perf leaves most of its work to the end, and the naming to perf report: all of it counts.
TIMEFORMAT='%U %S'
total_ms() { awk 'END { print int(($1 + $2) * 1000) }' "$1"; }
{ time perf record -q -F 97 -a -g -o "$data/perf.data" -- sleep "$seconds" 2>/dev/null; } \
	2>"$data/record" &
record=$!
pids="$pids $record"
sleep $((seconds / 2))
perf_rss=$(rss "$(pgrep -P $record -x perf)")
wait $record || true
{ time perf report -q --stdio -i "$data/perf.data" >/dev/null 2>&1; } 2>"$data/report"
perf_ms=$(total_ms "$data/record")
report_ms=$(total_ms "$data/report")

set -- $bpf
echo "| $(nproc) CPUs busy, 97 Hz, $seconds s | hearth agent | perf record -F 97 -a -g |"
echo "| --- | --- | --- |"
awk -v a="$agent_ms" -v p="$perf_ms" -v r="$report_ms" -v s="$seconds" -v n="$(nproc)" 'BEGIN {
	printf "| CPU, %% of one core | %.2f | %.2f; %.2f with `perf report` |\n", a / s / 10, p / s / 10, (p + r) / s / 10
	printf "| … per core profiled | %.2f | %.2f; %.2f |\n", a / s / 10 / n, p / s / 10 / n, (p + r) / s / 10 / n }'
echo "| memory | $agent_rss | $perf_rss |"
[ -n "${2:-}" ] && awk -v t="$2" -v c="$4" 'BEGIN {
	printf "| BPF time per sample | %d ns over %d samples | (in the kernel, not counted) |\n", t / c, c }'
echo "| disk | $(du -sk "$data/store" 2>/dev/null | cut -f1) KiB | $(du -sk "$data/perf.data" | cut -f1) KiB |"
