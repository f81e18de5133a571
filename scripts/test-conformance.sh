#!/bin/bash
# Holds a live daemon on this machine to Pyroscope's query interface, with foreign clients.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/live-agent.sh
packages="grpcio-tools==1.85.1 connectrpc==0.13.0"
# shellcheck disable=SC2086
$venv/bin/python -c 'import grpc_tools, connectrpc' 2>/dev/null || $venv/bin/pip install -q $packages
HEARTH_URL=$url HEARTH_APPLICATION=three_functions $venv/bin/python Tests/Conformance/test_conformance.py
