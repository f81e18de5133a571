#!/usr/bin/env python3
"""Holds the profile of a cgroup full of short-lived processes to what is known about it.

    test-short-lived.py [--hearth BINARY] [--seconds N] [--rate N] [--cpu-ms MS] [--frequency HZ]

Starts 100 processes a second, each made to live 50 to 100 ms, of four executables in turn, in a
cgroup of their own (Tests/Programs/spawner.c, short_lived.c), while the agent runs. A hundred
processes of 75 ms would want 7.5 CPUs, so each burns --cpu-ms of its life (default: what makes a
third of this machine) and sleeps for the rest, in three pieces.

Then, of the cgroup's samples in the agent's store:
  - the executable must be right. Functions are named after their executable, so the stack tells
    the truth: `alder_burn` under comm=birch is wrong, whatever the labels say. Between clone and
    exec a child is the spawner: its samples must carry the spawner's name.
  - user frames must be named: somewhere in the stack is a function of the program. The loader,
    which Debian ships without symbols, shows as module+0xoffset and is counted apart; so are
    samples taken while the process had no user memory (any more, or yet): in exec and exit.
  - samples x period must be what the cgroup's own accounting says, within 3 sigma of sampling.
Needs root.
"""
import argparse
import collections
import gzip
import json
import math
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "Tests" / "Programs"
PORT = 15043
NEEDED = 0.99

# Each kind of executable that there is: position-independent or not, with a loader or without.
EXECUTABLES = {
    "alder": [],
    "birch": ["-no-pie"],
    "cedar": ["-static"],
    "dogwood": ["-static-pie"],
}


class Failure(Exception):
    pass


def build(directory):
    for name, flags in EXECUTABLES.items():
        subprocess.run(["gcc", "-O2", "-fomit-frame-pointer", "-Wall", "-Werror", f"-DNAME={name}",
                        *flags, PROGRAMS / "short_lived.c", "-o", directory / name], check=True)
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", PROGRAMS / "spawner.c",
                    "-o", directory / "spawner"], check=True)


def with_priority(command):
    """Others may want the CPUs too: the load is to get what it was made for. Where sessions are
    scheduled as groups (sched_autogroup), it takes a session of its own and that group's nice."""
    return ["setsid", "--wait", "nice", "-n", "-15", "sh", "-c",
            'echo -15 2>/dev/null >/proc/self/autogroup; exec "$@"', "sh", *command]


class Cgroup:
    """A cgroup v2 directory: its cpu.stat needs no controller, and clone3 takes no other kind."""

    def __init__(self, name):
        mounts = [line.split() for line in open("/proc/mounts")]
        roots = [fields[1] for fields in mounts if fields[2] == "cgroup2"]
        if not roots:
            raise Failure("no cgroup v2 hierarchy is mounted")
        self.path = f"/{name}"
        self.directory = pathlib.Path(roots[0], name)
        self.directory.mkdir()

    def nanoseconds(self):
        for line in (self.directory / "cpu.stat").read_text().splitlines():
            if line.startswith("usage_usec "):
                return int(line.split()[1]) * 1000
        raise Failure("cpu.stat has no usage_usec")

    def remove(self):
        for _ in range(50):
            try:
                self.directory.rmdir()
                return
            except OSError:
                time.sleep(0.1)


class Agent:
    def __init__(self, hearth, directory, frequency):
        self.log = open(directory / "log", "w+")
        self.process = subprocess.Popen(
            [hearth, "agent", "--listen", f"127.0.0.1:{PORT}", "--window", "1s",
             "--data-dir", directory / "store", "--frequency", str(frequency)],
            stdout=self.log, stderr=self.log)
        for _ in range(200):
            if self.process.poll() is not None:
                break
            try:
                self.get("/ready")
                return
            except OSError:
                time.sleep(0.1)
        self.log.seek(0)
        self.stop()
        raise Failure("the agent does not get ready:\n" + self.log.read())

    @staticmethod
    def get(path, **parameters):
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}?{query}", timeout=60) as answer:
            return answer.read()

    def values(self, label, selector):
        return json.loads(self.get("/pyroscope/label-values", label=label, query=selector,
                                   **{"from": "now-10m", "until": "now"}))

    def stacks(self, selector):
        """[(samples, [(module, [names])])], leaf first."""
        data = self.get("/pyroscope/render", format="pprof",
                        query=f"process_cpu:cpu:nanoseconds:cpu:nanoseconds{selector}",
                        **{"from": "now-10m", "until": "now"})
        return decode_profile(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)

    def ledger(self):
        return json.loads(self.get("/api/v1/status"))["ledger"]

    def wait_until_stored(self):
        """Until every sample delivered by now is stored or dropped."""
        delivered = self.ledger()["delivered"]
        for _ in range(300):
            ledger = self.ledger()
            if ledger["stored"] + sum(drop["count"] for drop in ledger["dropped"]) >= delivered:
                return ledger
            time.sleep(0.2)
        raise Failure(f"the agent does not store what it has: {json.dumps(ledger)}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


# --- profile.proto, as much of it as is wanted ----------------------------------------------------

def fields(message):
    """(number, value) of a protobuf message: int for varints, bytes for what has a length."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 2:
            length = varint()
            yield key >> 3, message[at:at + length]
            at += length
        else:
            raise Failure(f"a profile with wire type {key & 7}")


def packed(data):
    return [value for _, value in fields(b"".join(
        b"\x08" + chunk for chunk in split_varints(data)))]


def split_varints(data):
    start = 0
    for end, byte in enumerate(data):
        if byte < 0x80:
            yield data[start:end + 1]
            start = end + 1


def decode_profile(data):
    samples, locations, functions, mappings, strings = [], {}, {}, {}, []
    for number, value in fields(data):
        if number == 2:
            parts = dict(fields(value))
            samples.append((packed(parts[2])[0], packed(parts.get(1, b""))))
        elif number == 3:
            parts = dict(fields(value))
            mappings[parts[1]] = parts.get(5, 0)
        elif number == 4:
            parts = list(fields(value))
            lines = [dict(fields(line)).get(1, 0) for field, line in parts if field == 4]
            plain = dict(parts)
            locations[plain[1]] = (plain.get(2, 0), lines)
        elif number == 5:
            parts = dict(fields(value))
            functions[parts[1]] = parts.get(2, 0)
        elif number == 6:
            strings.append(value.decode())

    def frame(location):
        mapping, lines = locations[location]
        return (strings[mappings.get(mapping, 0)], [strings[functions[line]] for line in lines])

    return [(count, [frame(location) for location in stack]) for count, stack in samples]


# --- What the samples are -------------------------------------------------------------------------

KERNEL, LOADER = "kernel", "loader"
GONE = "in exec or exit: no user memory"
NO_USER = "no user frames: "
# Where a process has no user memory: from the moment exec drops the old one until the program's
# first instruction, and from the moment exit drops it.
WITHOUT_MEMORY = {"bprm_execve", "begin_new_exec", "load_elf_binary", "do_execveat_common.isra.0",
                  "do_exit", "do_group_exit"}


def kind_of(module):
    if not module:
        return None
    if "kernel" in module or "vmlinux" in module:
        return KERNEL
    return LOADER if os.path.basename(module).startswith("ld-linux") else os.path.basename(module)


def owners(frames):
    """The executables whose functions or whose file the stack shows."""
    found = set()
    for module, names in frames:
        name = os.path.basename(module)
        if name in EXECUTABLES or name == "spawner":
            found.add(name)
        found.update(name.split("_")[0] for name in names if name.split("_")[0] in EXECUTABLES)
        if "spawn_child" in names:
            found.add("spawner")
    return found


def is_named(module, names):
    return any("+0x" not in name and not name.startswith("[") for name in names)


class Tally:
    def __init__(self):
        self.rows = collections.Counter()
        # Right by service_name and comm: the exe label came too late.
        self.without_exe = 0
        self.wrong = collections.Counter()
        self.unnamed = collections.Counter()

    def add(self, labels, count, frames):
        """One stack, under the labels (service_name, comm, exe)."""
        user = [frame for frame in frames if kind_of(frame[0]) not in (None, KERNEL)]
        truth = owners(user)
        service, comm, exe = labels
        known = comm in EXECUTABLES or comm == "spawner"
        if not known or service != comm or os.path.basename(exe) not in (comm, "") \
                or truth - {comm}:
            self.rows["wrong executable"] += count
            self.wrong[f"{service}/{comm}/{exe}: {self.text(frames)}"] += count
            return
        if not exe:
            self.without_exe += count
        if not user and self.is_memory_gone(frames):
            # Neither image nor function of the program is there to hold the labels to.
            self.rows[GONE] += count
        elif not user:
            reason = next((names[0] for module, names in reversed(frames)
                           if not module and names[0].startswith("[")), "not cut")
            self.rows[f"{NO_USER}{reason.strip('[]')}"] += count
        elif comm == "spawner":
            self.rows["before exec"] += count
        elif kind_of(user[-1][0]) == LOADER:
            # Its own functions, or what it calls in libc to choose implementations: before main.
            self.rows["in the loader"] += count
        elif any(is_named(*frame) for frame in user):
            self.rows["named user frames"] += count
        else:
            self.rows["unnamed user frames"] += count
            self.unnamed[f"{comm}: {self.text(frames)}"] += count

    @staticmethod
    def is_memory_gone(frames):
        return any(name in WITHOUT_MEMORY for module, names in frames if kind_of(module) == KERNEL
                   for name in names)

    @staticmethod
    def text(frames):
        return ";".join(name for _, names in reversed(frames[-30:]) for name in reversed(names))


def quoted(value):
    return json.dumps(value)


def tally_of(agent, cgroup):
    tally = Tally()
    whole = f"{{cgroup={quoted(cgroup.path)}}}"
    for service in agent.values("service_name", whole):
        by_service = f"{whole[:-1]},service_name={quoted(service)}}}"
        for comm in agent.values("comm", by_service):
            by_comm = f"{by_service[:-1]},comm={quoted(comm)}}}"
            # An empty matcher is for what has no such label.
            for exe in {*agent.values("exe", by_comm), ""}:
                selector = f"{by_comm[:-1]},exe={quoted(exe)}}}"
                for count, frames in agent.stacks(selector):
                    tally.add((service, comm, exe), count, frames)
    total = sum(count for count, _ in agent.stacks(whole))
    if total != sum(tally.rows.values()):
        raise Failure(f"{total} samples in the cgroup, {sum(tally.rows.values())} in its series")
    return tally


def check(agent, cgroup, used, period):
    """Prints the table; returns what is not as it should be."""
    tally = tally_of(agent, cgroup)
    rows, total = tally.rows, sum(tally.rows.values())
    if not total:
        return ["no sample of the cgroup was stored"]
    print(f"\n{'samples of the cgroup':56}{total:8}")
    for name, count in rows.most_common():
        print(f"  {name[:54]:54}{count:8}{count / total:9.2%}")
    failures = []
    with_user = total - rows[GONE]
    missing = sum(count for name, count in rows.items() if name.startswith(NO_USER))
    right = 1 - rows["wrong executable"] / total
    bad = missing + rows["unnamed user frames"] + rows["wrong executable"]
    named = 1 - bad / max(1, with_user)
    strict = rows["named user frames"] / max(1, with_user)
    print(f"{'right executable':56}{right:17.2%}")
    print(f"{'... without the exe label':56}{tally.without_exe / total:17.2%}")
    print(f"{'... and named, of those with user memory':56}{named:17.2%}")
    print(f"{'... the loader and before exec not counted':56}{strict:17.2%}")
    for name, share in [("carry the right executable", right), ("have named user frames", named)]:
        if share < NEEDED:
            failures.append(f"only {share:.2%} {name}")
    for counter in (tally.wrong, tally.unnamed):
        for text, count in counter.most_common(5):
            print(f"    {count:6} {text[:200]}")
    sigma = math.sqrt(total) * period
    off = (total * period - used) / sigma
    print(f"{'CPU time by samples':56}{total * period / 1e9:9.3f} s")
    print(f"{'CPU time by the cgroup':56}{used / 1e9:9.3f} s{off:+9.2f} sigma "
          f"({(total * period - used) / used:+.2%})")
    if abs(off) > 3:
        failures.append(f"the samples' CPU time is off by {off:+.2f} sigma")
    return failures


def run(options):
    directory = pathlib.Path(tempfile.mkdtemp(prefix="hearth-short-lived-"))
    agent = cgroup = None
    try:
        build(directory)
        cgroup = Cgroup(f"hearth-short-lived-{os.getpid()}")
        agent = Agent(options.hearth, directory, options.frequency)
        time.sleep(2)  # its start reads every process of the machine
        before, used = agent.ledger(), cgroup.nanoseconds()
        done = subprocess.run(
            with_priority([directory / "spawner", cgroup.directory, str(options.rate),
                           str(options.seconds), str(options.cpu_ms),
                           *(directory / name for name in EXECUTABLES)]),
            capture_output=True, text=True)
        used = cgroup.nanoseconds() - used
        if done.returncode:
            raise Failure(f"the spawner failed: {done.stdout}{done.stderr}")
        ended, _, median, longest, took = done.stdout.split()
        print(f"{ended} processes in {took} s, each {options.cpu_ms} ms of CPU; lived {median} ms "
              f"in the median, {longest} ms at most; {options.frequency} Hz")
        if float(median) > 100:
            raise Failure("the machine is too busy: the processes do not live 50 to 100 ms")
        ledger = agent.wait_until_stored()
        failures = check(agent, cgroup, used, 1_000_000_000 // options.frequency)
        lost = {entry["reason"]: entry["count"] for entry in ledger["lost"] + ledger["dropped"]
                if entry["count"]}
        print(f"{'lost or dropped, of the whole machine':56}{str(lost or 'none'):>12}")
        missed = ledger["missed_estimate"] - before["missed_estimate"]
        print(f"{'missed ticks, of the whole machine':56}{missed:8} of "
              f"{ledger['fired'] - before['fired']}")
        readings = [agent.ledger()["unaccounted"] for _ in range(10)]
        if 0 not in readings:
            failures.append(f"fired is not delivered + lost: {min(readings, key=abs)}")
        return failures
    finally:
        if agent:
            agent.stop()
        if cgroup:
            cgroup.remove()
        shutil.rmtree(directory, ignore_errors=True)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--hearth", default=str(ROOT / ".build" / "release" / "hearth"))
    options.add_argument("--seconds", type=int, default=20)
    options.add_argument("--rate", type=int, default=100)
    options.add_argument("--frequency", type=int, default=97)
    options.add_argument("--cpu-ms", type=float)
    options = options.parse_args()
    if options.cpu_ms is None:
        options.cpu_ms = min(45, 350 * len(os.sched_getaffinity(0)) / options.rate)
    try:
        failures = run(options)
    except (Failure, OSError, subprocess.SubprocessError) as problem:
        failures = [str(problem)]
    for failure in failures:
        print(f"test-short-lived: {failure}", file=sys.stderr)
    print(f"test-short-lived: {'failed' if failures else 'passed'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
