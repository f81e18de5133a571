#!/usr/bin/env python3
"""Holds the agent's memory to its budget: 500 processes, and the largest programs there are.

    test-budget.py [--hearth BINARY] [--seconds N] [--processes N] [--frequency HZ] [--budget MIB]

500 processes of ten executables, each awake for two milliseconds of every second, and the
compilers and runtimes that are installed (clang, swiftc, node, java, python3, perl) at work. Twice:
with the default budget, and with a smaller one (--small), which must make the agent evict unwind
tables. Counted, once a second: the agent's RssAnon and RssShmem, and what its BPF maps hold
(`bpftool map`, an arena's segments by what is really allocated). Not counted: pages of the hearth
binary itself, which are shared and go when memory is short; VmRSS is printed beside. Needs root.
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
PORT = 15047
SMALL = 48

SLEEPER = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
static volatile unsigned long sink;
__attribute__((noinline)) static void NAME_burn(void)
{
	clock_t end = clock() + 2 * CLOCKS_PER_SEC / 1000;
	while (clock() < end)
		for (int i = 0; i < 10000; i++) sink += i * i;
}
int main(int argc, char **argv)
{
	(void)argc;
	usleep(1000 * (unsigned)atoi(argv[1]));
	for (;;) { NAME_burn(); usleep(950000); }
}
"""
UNIT = """
#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <vector>
template <int N> int value() { return N + value<N - 1>(); }
template <> int value<0>() { return 0; }
int main() {
  std::map<std::string, std::vector<int>> m; std::regex r("a+(b|c)*d?");
  std::function<int(int)> f = [&](int x) { return x + (int)m.size(); };
  for (int i = 0; i < 100; i++) m[std::to_string(i)].push_back(f(i));
  return std::regex_match("abc", r) + value<200>();
}
"""


def loads(work):
    """Commands that keep large programs busy."""
    (work / "unit.cpp").write_text(UNIT)
    (work / "unit.swift").write_text("".join(
        f"func f{i}(_ a: [Int]) -> [String] {{ a.map {{ \"\\($0 &* {i})\" }}.sorted() }}\n"
        for i in range(80)))
    (work / "Work.java").write_text(
        "public class Work { public static void main(String[] a) { double s = 0;"
        " while (true) s += Math.sin(s + 1); } }")
    script = {
        "clang++": f"while :; do clang++ -O2 -c {work}/unit.cpp -o {work}/unit.o; done",
        "g++": f"while :; do g++ -O2 -c {work}/unit.cpp -o {work}/gcc.o; done",
        "swiftc": f"while :; do swiftc -O -c {work}/unit.swift -o {work}/swift.o; done",
        "node": "exec node -e 'for (;;) JSON.parse(JSON.stringify({a: [1, 2, 3]}))'",
        "java": f"exec java {work}/Work.java",
        "python3": "exec python3 -c 'import json\nwhile True: json.dumps(list(range(100)))'",
        "perl": "exec perl -e '1 while 1'",
    }
    return {name: ["bash", "-c", text] for name, text in script.items() if shutil.which(name)}


def start_load(work, count):
    for number in range(10):
        source = work / f"sleeper{number}.c"
        source.write_text(SLEEPER.replace("NAME", f"sleeper{number}"))
        subprocess.run(["gcc", "-O2", source, "-o", work / f"sleeper{number}"], check=True)
    commands = [[str(work / f"sleeper{i % 10}"), str(i * 1900 // count)] for i in range(count)]
    commands += loads(work).values()
    return [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True) for command in commands]


def resident(pid):
    """VmRSS, and what of it is the agent's own, in MiB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    found = {key: int(value) / 1024 for key, value in re.findall(r"(\w+):\s+(\d+) kB", text)}
    return found["VmRSS"], found["RssAnon"] + found["RssShmem"]


def map_bytes(pid):
    """What the kernel charges for the BPF maps that the agent holds, in MiB."""
    total, seen = 0, set()
    for link in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        try:
            text = link.read_text()
        except OSError:
            continue
        number = re.search(r"^map_id:\s+(\d+)", text, re.M)
        locked = re.search(r"^memlock:\s+(\d+)", text, re.M)
        if number and locked and number[1] not in seen:
            seen.add(number[1])
            total += int(locked[1])
    return total / 1048576


def status():
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/status", timeout=10) as answer:
        return json.load(answer)


def metrics():
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
            for line in lines if line and line[0] != "#"}


def measure(options, budget):
    with tempfile.TemporaryDirectory(prefix="hearth-budget-") as name:
        work = pathlib.Path(name)
        log = open(work / "agent.log", "w")
        arguments = [options.hearth, "agent", "--listen", f"127.0.0.1:{PORT}", "--data-dir",
                     str(work / "store"), "--frequency", str(options.frequency)]
        if budget != options.budget:
            arguments += ["--memory-budget", f"{budget}MiB"]
        load = start_load(work, options.processes)
        agent = subprocess.Popen(arguments, stdout=log, stderr=log)
        most = {"rss": 0.0, "own": 0.0, "maps": 0.0, "sum": 0.0}
        try:
            end = time.monotonic() + options.seconds
            while time.monotonic() < end:
                time.sleep(1)
                if agent.poll() is not None:
                    print((work / "agent.log").read_text())
                    return None
                rss, own = resident(agent.pid)
                maps = map_bytes(agent.pid)
                for key, value in zip(most, (rss, own, maps, own + maps)):
                    most[key] = max(most[key], value)
            counted = metrics()
        finally:
            agent.send_signal(signal.SIGTERM)
            agent.wait()
            for process in load:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    evicted = counted.get("hearth_unwind_tables_evicted_total", 0)
    known = counted.get("hearth_unwind_known_processes", 0)
    print(f"budget {budget} MiB: at most {most['sum']:.1f} MiB (heap {most['own']:.1f}, BPF maps "
          f"{most['maps']:.1f}), VmRSS {most['rss']:.1f}; {known:.0f} processes known, "
          f"{counted.get('hearth_unwind_tables', 0):.0f} tables, {evicted:.0f} evicted", flush=True)
    return most["sum"], evicted, known


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hearth", default=str(ROOT / ".build" / "release" / "hearth"))
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--processes", type=int, default=500)
    parser.add_argument("--frequency", type=int, default=97)
    parser.add_argument("--budget", type=int, default=96, help="the default budget, MiB")
    parser.add_argument("--small", type=int, default=SMALL)
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("needs root")
    failed = False
    for budget in (options.budget, options.small):
        result = measure(options, budget)
        if result is None:
            return 1
        most, evicted, known = result
        # What the daemon takes for a moment to read a compiler does not shrink with the budget.
        if most > budget and budget == options.budget:
            print(f"FAILED: {most:.1f} MiB are more than {budget}")
            failed = True
        if known < options.processes * 0.9:
            print(f"FAILED: of {options.processes} processes only {known:.0f} are known")
            failed = True
        if budget == options.small and not evicted:
            print("FAILED: nothing was evicted")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
