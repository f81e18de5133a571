#!/usr/bin/env python3
"""Holds the ledger's estimate of missed ticks to a known number of skipped ones.

    test-missed.py [--hearth BINARY] [--seconds N] [--frequency HZ] [--cpu CPU] [--rounds N]

While other BPF work runs on a CPU the kernel runs no perf-event program there, and tells nobody.
Two kinds of such work are made on one CPU: a loop of BPF map updates, and a tracepoint program that
runs hot. What is skipped is known from a witness: events of the same clock, period and CPUs without
a BPF program (Tests/Programs/tick_witness.c). Of the ticks that the witness had outside the idle
task, those that did not enter the agent's program were skipped. Ticks that had no interrupt of
their own, because the CPU answered late (a virtual machine's does), did not reach the agent either:
the witness sees them as gaps, and `missed` is to be the sum of both.

Two more loads are controls that skip nothing: a plain loop, and the same program as a raw
tracepoint, which has a guard of its own. And in all of them fired = delivered + lost. Needs root.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "Tests" / "Programs"
PORT = 15043

# How far the estimate may be from what is known, as a share of it ...
TOLERANCE = 0.10
# ... and in ticks, where next to nothing is missed: of all ticks of the busy time.
CONTROL_TOLERANCE = 0.01
# A case in which fewer are skipped tests nothing: ten per cent of them would be chance.
LEAST_SKIPPED = 200


class Failure(Exception):
    pass


def build(directory, name):
    target = directory / name
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", PROGRAMS / f"{name}.c", "-o", target],
                   check=True)
    return target


def tracepoint_id(directory):
    """Of raw_syscalls:sys_enter. Where tracefs is not mounted it is, in a namespace of its own."""
    name = "events/raw_syscalls/sys_enter/id"
    for root in ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]:
        if os.path.exists(f"{root}/{name}"):
            return pathlib.Path(root, name).read_text().strip()
    mount = directory / "tracefs"
    mount.mkdir()
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", 'mount -t tracefs none "$1" && cat "$1/$2"',
         "sh", mount, name], capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"no tracefs: {done.stderr.strip()}")
    return done.stdout.strip()


class Agent:
    def __init__(self, hearth, directory, frequency):
        self.log = open(directory / "log", "w+")
        self.process = subprocess.Popen(
            [hearth, "agent", "--listen", f"127.0.0.1:{PORT}", "--window", "2s",
             "--data-dir", directory / "store", "--frequency", str(frequency)],
            stdout=self.log, stderr=self.log)
        try:
            self.wait_until_ready()
            self.counters = self.counter_map()
        except BaseException:
            self.stop()
            raise

    def counter_map(self):
        """The id of this agent's map of counters: others may run on this machine."""
        held = set()
        for name in os.listdir(f"/proc/{self.process.pid}/fdinfo"):
            try:
                text = pathlib.Path(f"/proc/{self.process.pid}/fdinfo/{name}").read_text()
            except OSError:
                continue  # closed meanwhile
            held.update(map(int, re.findall(r"^map_id:\s*(\d+)", text, re.MULTILINE)))
        listed = json.loads(subprocess.run(["bpftool", "-j", "map", "list"], check=True,
                                           capture_output=True, text=True).stdout)
        found = [entry["id"] for entry in listed
                 if entry["id"] in held and entry.get("name") == "counters"]
        if len(found) != 1:
            raise Failure(f"the agent holds {len(found)} maps of counters, not one")
        return found[0]

    def wait_until_ready(self):
        for _ in range(200):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/ready", timeout=2).read()
                return
            except OSError:
                time.sleep(0.1)
        self.log.seek(0)
        raise Failure("the agent does not get ready:\n" + self.log.read())

    def ledger(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/status", timeout=60) as answer:
            return json.load(answer)["ledger"]

    def unaccounted(self):
        """The smallest of some readings: a tick may be under way in any of them, not in all."""
        readings = [self.ledger()["unaccounted"] for _ in range(20)]
        return min(readings, key=abs)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def with_priority(command):
    """Others may want the CPUs too: the load is to get what it was made for. Where sessions are
    scheduled as groups (sched_autogroup), it takes a session of its own and that group's nice."""
    return ["setsid", "--wait", "nice", "-n", "-15", "sh", "-c",
            'echo -15 2>/dev/null >/proc/self/autogroup; exec "$@"', "sh", *command]


class Outcome:
    """What one load did between two readings of the ledger.

    When the agent reads its ledger is its own affair: the moment is found in the witness's reports
    by how many ticks had fired, and what is known is taken from there to there.
    """

    FIELDS = ("busy", "idle", "late_busy", "late_idle", "lost", "fired")

    def __init__(self, before, after, lines, cpu):
        reports = self.reports(lines)
        if any(counts["lost"] for counts in reports[-1].values()):
            raise Failure("the witness lost ticks: the kernel throttles it, or it starved")
        first, last = (self.sums_at(ledger["fired"], reports) for ledger in (before, after))
        self.busy, self.late = last["busy"] - first["busy"], last["late_busy"] - first["late_busy"]
        self.skipped = self.busy - (last["fired"] - first["fired"])
        # Of the CPU's busy ticks of the whole time, before and after the load too.
        own = {field: reports[-1][cpu][field] - reports[0][cpu][field] for field in self.FIELDS}
        self.share = (own["busy"] - own["fired"]) / max(1, own["busy"])
        self.estimate = after["missed_estimate"] - before["missed_estimate"]

    @classmethod
    def reports(cls, lines):
        """[{cpu: {field: count}}]; an unfinished report at the end is left out."""
        reports = []
        for line in lines:
            cpu, *counts = map(int, line.split())
            if cpu == 0:
                reports.append({})
            reports[-1][cpu] = dict(zip(cls.FIELDS, counts))
        return [report for report in reports if len(report) == len(reports[0])]

    @classmethod
    def sums_at(cls, fired, reports):
        """Sums over all CPUs at the moment when so many had fired, between two reports."""
        sums = [{field: sum(counts[field] for counts in report.values()) for field in cls.FIELDS}
                for report in reports]
        for left, right in zip(sums, sums[1:]):
            if left["fired"] <= fired <= right["fired"]:
                part = (fired - left["fired"]) / max(1, right["fired"] - left["fired"])
                return {field: round(left[field] + part * (right[field] - left[field]))
                        for field in cls.FIELDS}
        raise Failure(f"the ledger was read outside of the witness's time: {fired} is not between "
                      f"{sums[0]['fired']} and {sums[-1]['fired']}")

    @property
    def known(self):
        return self.skipped + self.late


def measure(agent, directory, period, command, cpu):
    with open(directory / "witness", "w+") as output:
        witness = subprocess.Popen(
            [directory / "tick_witness", str(period), str(agent.counters)],
            stdin=subprocess.PIPE, stdout=output, text=True)
        try:
            time.sleep(0.5)
            before = agent.ledger()
            subprocess.run(with_priority(command), check=True, stdout=subprocess.DEVNULL)
            after = agent.ledger()
            time.sleep(0.3)
            witness.communicate("\n", timeout=20)
        finally:
            witness.kill()
            witness.wait()
        output.seek(0)
        return Outcome(before, after, output.read().splitlines(), cpu)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--hearth", default=str(ROOT / ".build" / "release" / "hearth"))
    options.add_argument("--seconds", type=int, default=8)
    options.add_argument("--frequency", type=int, default=499)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    options = options.parse_args()
    period = 1_000_000_000 // options.frequency
    directory = pathlib.Path(tempfile.mkdtemp(prefix="hearth-missed-"))
    agent = None
    failures = []
    try:
        for name in ["tick_witness", "map_updates", "hot_tracepoint"]:
            build(directory, name)
        where = [str(options.cpu), str(options.seconds)]
        tracepoint = [directory / "hot_tracepoint", *where, tracepoint_id(directory), "1000"]
        loads = [
            ("plain loop", False, ["taskset", "-c", where[0], "sh", "-c",
                                   f"timeout {where[1]} sha256sum /dev/zero || true"]),
            ("raw tracepoint", False, tracepoint + ["raw"]),
            ("map updates, 8 B", True, [directory / "map_updates", *where, "8"]),
            ("map updates, 256 KiB", True, [directory / "map_updates", *where, "262144"]),
            ("tracepoint", True, tracepoint),
        ]
        agent = Agent(options.hearth, directory, options.frequency)
        time.sleep(2)  # its start reads every process of the machine
        print(f"{options.frequency} Hz, {options.seconds} s each, load on CPU {options.cpu}; "
              "ticks of all CPUs:")
        print(f"{'load':22}{'busy':>8}{'skipped':>9}{'of CPU':>8}{'late':>7}{'known':>8}"
              f"{'estimate':>10}{'error':>12}{'unaccounted':>13}")
        for _ in range(options.rounds):
            for name, skips, command in loads:
                outcome = measure(agent, directory, period, command, options.cpu)
                unaccounted = agent.unaccounted()
                known, estimate = outcome.known, outcome.estimate
                error = (estimate - known) / known if skips and known else float("nan")
                print(f"{name:22}{outcome.busy:8}{outcome.skipped:9}{outcome.share:8.1%}"
                      f"{outcome.late:7}{known:8}{estimate:10}"
                      f"{f'{error:+.1%}' if skips else f'{estimate - known:+} ticks':>12}"
                      f"{unaccounted:13}", flush=True)
                if unaccounted:
                    failures.append(f"{name}: fired is not delivered + lost: {unaccounted}")
                if skips and outcome.skipped < LEAST_SKIPPED:
                    failures.append(f"{name}: only {outcome.skipped} were skipped: no test")
                elif skips and not abs(error) <= TOLERANCE:
                    failures.append(f"{name}: {estimate} estimated, {known} known")
                elif not skips and abs(estimate - known) > CONTROL_TOLERANCE * outcome.busy:
                    failures.append(f"{name}: {estimate} estimated where {known} are known")
    except (Failure, OSError, subprocess.SubprocessError) as problem:
        failures.append(str(problem))
    finally:
        if agent:
            agent.stop()
        shutil.rmtree(directory, ignore_errors=True)
    for failure in failures:
        print(f"test-missed: {failure}", file=sys.stderr)
    print(f"test-missed: {'failed' if failures else 'passed'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
