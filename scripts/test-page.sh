#!/bin/bash
# Drives the page in Debian's Chromium against a live daemon on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
hearth=${HEARTH:-.build/debug/hearth}
data=$(mktemp -d)
agent=
load=
cleanup() {
	for pid in $load $agent; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$data"
}
trap cleanup EXIT

venv=.build/venv
[ -x $venv/bin/playwright ] || { python3 -m venv $venv && $venv/bin/pip install -q playwright; }
gcc -O1 -fno-omit-frame-pointer Tests/Programs/three_functions.c -o "$data/three_functions"
"$data/three_functions" 600 & load="$load $!"
"$hearth" agent --listen 127.0.0.1:0 --data-dir "$data/store" --window 2s >"$data/log" 2>&1 &
agent=$!
for _ in $(seq 100); do
	url=$(grep -oE 'http://127\.0\.0\.1:[0-9]+/' "$data/log" | head -n 1 || true)
	[ -n "$url" ] && break
	kill -0 $agent || { cat "$data/log"; exit 1; }
	sleep 0.2
done
[ -n "$url" ] || { echo "the daemon printed no address:"; cat "$data/log"; exit 1; }
sleep 10 # a few windows
HEARTH_URL=$url HEARTH_APPLICATION=three_functions $venv/bin/python Tests/Browser/test_page.py
