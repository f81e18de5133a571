#!/bin/bash
# BPF time per sample, our walk by unwind rows beside bpf_get_stackid's by frame pointers, in one run on one
# workload: 30 frames deep, compiled with both. usage: run.sh [HEARTH] [SECONDS] [HERTZ]
set -euo pipefail
cd "$(dirname "$0")/../.."
hearth=${1:-.build/release/hearth}
seconds=${2:-10}
hertz=${3:-997}
work=$(mktemp -d)
before=$(sysctl -n kernel.bpf_stats_enabled)
cleanup() {
	kill $(jobs -p) 2>/dev/null || true
	sysctl -qw kernel.bpf_stats_enabled="$before"
	rm -rf "$work"
}
trap cleanup EXIT
clang=$(command -v clang)
"$clang" -target bpf -mcpu=v3 -O2 -g -D__TARGET_ARCH_x86 -c Benchmarks/bpf-cost/stackid.bpf.c -o "$work/stackid.bpf.o"
gcc -O2 -o "$work/stackid" Benchmarks/bpf-cost/stackid.c -lbpf
gcc -O2 -fno-omit-frame-pointer -fno-optimize-sibling-calls -o "$work/deep30" Benchmarks/bpf-cost/deep30.c
sysctl -qw kernel.bpf_stats_enabled=1
for _ in $(seq "$(nproc)"); do "$work/deep30" $((seconds + 6)) & done
"$hearth" record -a -F "$hertz" -d $((seconds + 3)) -o "$work/out.folded" >/dev/null 2>&1 &
recorder=$!
sleep 2
# Of that hearth's program alone: others may be running.
ours() {
	bpftool prog list -j | python3 -c '
import glob, json, re, sys
programs = set()
for path in glob.glob(f"/proc/{sys.argv[1]}/fdinfo/*"):
    programs.update(map(int, re.findall(r"^prog_id:\s*(\d+)", open(path).read(), re.M)))
found = [p for p in json.load(sys.stdin) if p["id"] in programs and p.get("name") == "on_cpu_sample"]
print(sum(p.get("run_time_ns", 0) for p in found), sum(p.get("run_cnt", 0) for p in found))' "$recorder"
}
read -r time0 count0 < <(ours)
read -r peer_time peer_count < <("$work/stackid" "$work/stackid.bpf.o" "$hertz" "$seconds")
read -r time1 count1 < <(ours)
wait "$recorder"
python3 - "$work/out.folded" $((time1 - time0)) $((count1 - count0)) "$peer_time" "$peer_count" <<'P'
import sys
folded, time, count, peer_time, peer_count = sys.argv[1], *map(int, sys.argv[2:])
depth = total = whole = 0
for line in open(folded):
    stack, n = line.rsplit(" ", 1)
    frames = stack.split(";")[1:]
    if frames[-1:] and "link_29" in stack:
        user = [f for f in frames if not f.endswith("_[k]")]
        depth += len(user) * int(n)
        total += int(n)
        whole += int(n) * (not frames[0].startswith("[cut:"))
ours, peer = time / count, peer_time / peer_count
print(f"hearth, by unwind rows:  {ours:8.0f} ns per sample over {count} samples")
print(f"bpf_get_stackid, by fp:  {peer:8.0f} ns per sample over {peer_count} samples")
print(f"ratio {ours / peer:.2f}; {depth / max(1, total):.1f} user frames on average, {100 * whole / max(1, total):.2f} % whole")
P
