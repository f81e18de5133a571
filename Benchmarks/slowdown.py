#!/usr/bin/env python3
"""How much slower a fixed job becomes under hearth, beside perf, with nothing as its own control.

    slowdown.py [--hearth BINARY] [--rounds N] [--seconds N] [--frequency HZ] [--settle N]

The job (Benchmarks/bpf-cost/deep30.c, a fixed number of turns on every CPU at once) is run under
each of: nothing, nothing again (A/A), `hearth agent`, `perf record --call-graph fp`. One of each is
a round; their order is shuffled anew each time. Printed: the median over rounds of each time divided
by that of the round's first nothing, and the spread (quartiles). Needs root.
"""
import argparse
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def job(binary, turns):
    """Wall seconds until every CPU has done its turns."""
    begin = time.monotonic()
    running = [subprocess.Popen(["taskset", "-c", str(cpu), binary, "0", str(turns)])
               for cpu in range(os.cpu_count())]
    for process in running:
        process.wait()
    return time.monotonic() - begin


class Profiler:
    def __init__(self, kind, options, work):
        self.process = None
        command = {
            "hearth": [options.hearth, "agent", "--listen", "127.0.0.1:0", "--frequency",
                       str(options.frequency), "--data-dir", str(work / "store")],
            "perf": ["perf", "record", "-q", "-a", "-F", str(options.frequency), "--call-graph", "fp",
                     "-o", str(work / "perf.data")],
        }.get(kind)
        if command:
            self.process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(options.settle if kind == "hearth" else 6)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hearth", default=str(ROOT / ".build" / "release" / "hearth"))
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=6, help="about how long the job takes")
    parser.add_argument("--frequency", type=int, default=997)
    parser.add_argument("--settle", type=float, default=22, help="how long hearth runs before the job")
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("needs root")
    kinds = ["nothing", "nothing again", "hearth", "perf"]
    ratios = {kind: [] for kind in kinds[1:]}
    with tempfile.TemporaryDirectory(prefix="hearth-slowdown-") as name:
        work = pathlib.Path(name)
        binary = work / "deep30"
        subprocess.run(["gcc", "-O2", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls",
                        ROOT / "Benchmarks" / "bpf-cost" / "deep30.c", "-o", binary], check=True)
        turns = max(1, round(50 * options.seconds / job(binary, 50)))
        for number in range(options.rounds):
            times = {}
            for kind in random.sample(kinds, len(kinds)):
                profiler = Profiler(kind, options, work)
                times[kind] = job(binary, turns)
                profiler.stop()
            print(f"round {number + 1}: " + ", ".join(
                f"{kind} {times[kind]:.3f} s" for kind in kinds), flush=True)
            for kind in ratios:
                ratios[kind].append(times[kind] / times["nothing"])
    print(f"\nslower than nothing, {options.frequency} Hz, {options.rounds} rounds of {turns} turns:")
    for kind, values in ratios.items():
        low, middle, high = statistics.quantiles(values, n=4)
        print(f"  {kind:14} {100 * (middle - 1):+.2f} %   (quartiles {100 * (low - 1):+.2f} … "
              f"{100 * (high - 1):+.2f})")


if __name__ == "__main__":
    sys.exit(main())
