#!/bin/bash
# Drives the page in Debian's Chromium against a live daemon on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/live-agent.sh
[ -x $venv/bin/playwright ] || $venv/bin/pip install -q playwright
HEARTH_URL=$url HEARTH_APPLICATION=three_functions $venv/bin/python Tests/Browser/test_page.py
