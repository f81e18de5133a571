# For tests, to be sourced at the top of the tree: starts a program of three known functions and a daemon of the
# test's own, and sets `url`. Both end with the script. HEARTH: the program to test.
hearth=${HEARTH:-.build/debug/hearth}
venv=.build/venv
data=$(mktemp -d)
agent=
load=
cleanup() {
	for pid in $load $agent; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$data"
}
trap cleanup EXIT

[ -x $venv/bin/python ] || python3 -m venv $venv
gcc -O1 -fno-omit-frame-pointer Tests/Programs/three_functions.c -o "$data/three_functions"
"$data/three_functions" 600 & load=$!
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
