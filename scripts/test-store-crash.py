#!/usr/bin/env python3
"""Kills a process that writes to a store, again and again, and looks whether what it said is there.

    test-store-crash.py [--child BINARY] [--kills N] [--seed N]

The child (Benchmarks/store/StoreCrash) writes numbered batches, with late and equal windows among
them, builds roll-ups beside, and says `ack N` when a batch is stored. It is killed (SIGKILL) after a
random time, and the store is opened and read by another process: every acknowledged batch must be
there whole and once, the one that was under way whole or not at all. Every tenth time, and at the end, each file
is checked as well: PRAGMA integrity_check, every row, totals and roll-ups equal to the windows' sums.
"""
import argparse
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent


def verify(child, store, count, deep):
    """The number of batches that are stored."""
    done = subprocess.run([child, "verify", store, str(count), "deep" if deep else "quick"],
                          capture_output=True, text=True)
    last = done.stdout.strip().split("\n")[-1]
    if done.returncode != 0 or not last.startswith("next "):
        sys.exit(f"after {count} acknowledged batches: {done.stdout}{done.stderr}")
    return int(last.split()[1])


def life(child, store, first, patience):
    """One life of the child; the number of batches acknowledged since the start of the world."""
    process = subprocess.Popen([child, "ingest", store, str(first)], stdout=subprocess.PIPE, text=True)
    acknowledged = first
    timer = None
    for line in process.stdout:
        if line.startswith("open"):
            # From another thread, so that the kill falls anywhere between two lines.
            timer = threading.Timer(patience, process.kill)
            timer.start()
        if line.startswith("ack "):
            acknowledged = int(line.split()[1]) + 1
    if process.wait() != -signal.SIGKILL:
        sys.exit(f"the child ended by itself with {process.returncode}")
    return acknowledged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--child", default=ROOT / ".build/store-benchmark/release/StoreCrash")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="hearth-crash-") as store:
        stored = under_way = 0
        for kill in range(1, options.kills + 1):
            acknowledged = life(str(options.child), store, stored, chance.uniform(0.0, 0.6))
            stored = verify(str(options.child), store, acknowledged, deep=kill % 10 == 0)
            under_way += stored > acknowledged
        verify(str(options.child), store, stored, deep=True)
        print(f"test-store-crash: passed: {options.kills} kills, {stored} batches acknowledged or whole, "
              f"{under_way} times the one under way was there; none lost, none twice")


if __name__ == "__main__":
    main()
