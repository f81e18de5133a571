#!/bin/bash
# The long tier: run before an issue is closed.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product hearth --static-swift-stdlib
swift build --build-tests
HEARTH_KILLS=${HEARTH_KILLS:-100} swift test --skip-build --filter ScenarioTests
scripts/test-hotplug.sh .build/release/hearth
scripts/test-unit.sh .build/release/hearth
scripts/overhead.sh .build/release/hearth
scripts/test-short-lived.py --hearth .build/release/hearth
scripts/test-missed.py --hearth .build/release/hearth
scripts/test-budget.py --hearth .build/release/hearth
make --no-print-directory store-crash
scripts/fuzz.sh 60
scripts/install-deps.sh kernels
scripts/test-kernels.sh .build/release/hearth
