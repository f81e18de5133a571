#!/bin/bash
# Runs a command as root: sampling every process needs BPF and perf events.
set -eu
[ "$(id -u)" = 0 ] && exec "$@"
exec sudo "$@"
