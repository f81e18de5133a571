#!/bin/bash
# The store's figures on the synthetic day: bytes a sample, samples a second, query times alone and beside
# ingest. usage: run.sh [HOURS]; needs some 200 MB in TMPDIR and, of 24 hours, some ten minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
swift build -c release --package-path Benchmarks/store --scratch-path .build/store-benchmark
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.build/store-benchmark/release/StoreBenchmark "$work/store" "${1:-24}"
