#!/bin/bash
# The tier of every commit: unit and scenario tests, then a live daemon under the page in a real browser
# and under foreign clients. Everything that needs root and BPF runs here for real: a skipped test is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A plan that `swift build --product` left has swift-protobuf's protoc in it: ten minutes. So plan anew.
touch Package.swift
swift build --build-tests
# The daemon's scenarios come alone and one after the other: they measure, and a debug build starves
# beside a full machine of unit tests, or beside the compilers of another scenario.
swift test --skip-build --skip ScenarioTests 2>&1 | tee "$log"
swift test --skip-build --no-parallel --filter ScenarioTests 2>&1 | tee -a "$log"
if grep -qE '^[^ ]+ (Test|Suite|Test case) .* skipped' "$log"; then
	if [ "$(id -u)" = 0 ] || [ -n "${CI:-}" ]; then
		echo "test: tests were skipped; as root and in CI that is a failure"
		exit 1
	fi
	echo "test: tests that need root were skipped; run make test as root for all of them"
fi
[ "$(id -u)" = 0 ] || exit 0
scripts/test-page.sh
scripts/test-conformance.sh
