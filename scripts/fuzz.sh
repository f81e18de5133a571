#!/bin/bash
# Builds the fuzz targets of Fuzzing/Package.swift and runs each for so many seconds: no trap, no
# hang, no more than 256 MB. Inputs that found something new stay in .build/fuzz/corpus, for the next
# run to begin with; one that fails goes to .build/fuzz/crashes, and how to replay it is printed.
# usage: fuzz.sh SECONDS [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
duration=${1:?usage: fuzz.sh SECONDS [TARGET…]}
shift
work=.build/fuzz
mkdir -p $work/logs $work/crashes

# libFuzzer without its main, which would be the only one: SwiftPM gives each program one of its own.
name=libclang_rt.fuzzer_no_main-x86_64.a
library=$(clang -print-resource-dir)/lib/linux/$name
[ -f "$library" ] || { echo "fuzz: the toolchain's clang has no $name"; exit 1; }
if ! swift build --package-path Fuzzing --scratch-path $work -c release \
	-Xlinker "$library" -Xlinker -lstdc++ >$work/logs/build 2>&1; then
	# Not that each target leaves its neighbours' files alone.
	grep -vE "^warning: 'fuzzing'|^    /.*\.swift$" $work/logs/build
	exit 1
fi
programs=$(swift build --package-path Fuzzing --scratch-path $work -c release --show-bin-path 2>/dev/null)
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
	mapfile -t targets < <(swift package --package-path Fuzzing --scratch-path $work dump-package 2>/dev/null |
		python3 -c 'import json, sys
for target in json.load(sys.stdin)["targets"]:
    if target["type"] == "executable": print(target["name"].removeprefix("Fuzz"))')
	[ ${#targets[@]} -gt 0 ] || { echo "fuzz: found no targets"; exit 1; }
fi
rm -rf $work/seeds
scripts/fuzz-seeds.py $work/seeds

# Swift's own report would keep libFuzzer from seeing the trap; a replay shows it.
limits=(-timeout=10 -rss_limit_mb=256)
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=0
run() {
	local target=$1 log=$work/logs/$1 status=0 crash
	mkdir -p "$work/corpus/$target" "$work/seeds/$target"
	touch "$log.start"
	SWIFT_BACKTRACE=enable=no "$programs/Fuzz$target" "$work/corpus/$target" "$work/seeds/$target" \
		-max_total_time="$duration" "${limits[@]}" -print_final_stats=1 \
		-artifact_prefix="$work/crashes/$target-" >"$log" 2>&1 || status=$?
	value() { sed -nE "s/^stat::$1: +//p" "$log"; }
	if [ $status = 0 ]; then
		echo "fuzz: $target: clean, $(value number_of_executed_units) runs," \
			"$(value average_exec_per_sec)/s, $(value peak_rss_mb) MB," \
			"$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -c6-) edges"
		return 0
	fi
	grep -m 1 -A 20 ERROR "$log" || tail -n 20 "$log"
	echo "fuzz: $target: FAILED"
	for crash in "$work/crashes/$target"-*; do
		[ "$crash" -nt "$log.start" ] || continue
		echo "fuzz: replay it: SWIFT_BACKTRACE=enable=yes $programs/Fuzz$target ${limits[*]} $crash"
	done
	return 1
}
status=0
running=0
# One per CPU.
for target in "${targets[@]}"; do
	if [ $running -ge "$(nproc)" ]; then
		wait -n || status=1
		running=$((running - 1))
	fi
	run "$target" &
	running=$((running + 1))
done
while [ $running -gt 0 ]; do
	wait -n || status=1
	running=$((running - 1))
done
exit $status
