#!/usr/bin/env python3
"""Holds what the virtual machines of test-kernels.sh saw to the call trees of the oracle programs.

    check.py FOLDER PROGRAM… -- SUITE…

FOLDER/SUITE/seen is what kernels/init.sh wrote. Prints a row for each kernel and program. Fails where
hearth failed, and below 100 samples, 99 % exact, or 99 % that reach the root.
"""
import collections
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import accuracy

SAMPLES, SHARE = 100, 0.99
ROW = "{:34} {:28} {:>7} {:>7} {:>7} {:>7}  {}"


def text_of(path):
    return path.read_text(errors="replace").strip() if path.exists() else ""


def check(seen, program, kernel, recording):
    """Prints the program's row; whether it is as it must be."""
    expected = subprocess.run([program.path, "--expect"], capture_output=True, text=True, check=True)
    stacks, wrong = accuracy.Stacks(), collections.Counter()
    if (seen / "all.folded").exists():
        accuracy.read_folded(seen / "all.folded", stacks, program)
    score = accuracy.judge(program, accuracy.Tree(expected.stdout.splitlines()), stacks, wrong,
                           collections.Counter())
    judged = score.exact + score.inexact
    is_good = (judged >= SAMPLES and score.exact >= SHARE * judged
               and score.rooted >= SHARE * score.samples)
    print(ROW.format(kernel, program.name, score.samples, accuracy.share(score.exact, judged),
                     accuracy.share(score.rooted, score.samples), score.undeclared, recording))
    for (verdict, reached, reason, names), count in [] if is_good else wrong.most_common(10):
        print(f"    {count} {verdict}{'' if reached else ', no root'}"
              f"{', cut: ' + reason if reason else ''}: {';'.join(names)}")
    return is_good


def main():
    folder, *rest = sys.argv[1:]
    names, suites = rest[:rest.index("--")], rest[rest.index("--") + 1:]
    programs = [program for program in accuracy.corpus() if program.name in names]
    good = len(programs) == len(names)
    print(ROW.format("kernel", "program", "samples", "exact %", "root %", "undecl.",
                     "BPF, instructions verified"))
    for suite in suites:
        seen = pathlib.Path(folder) / suite / "seen"
        kernel = f"{suite} {text_of(seen / 'kernel') or '(did not boot)'}"
        # A line of fdinfo for each BPF program, "verified_insns:	12345".
        verified = [line.split()[-1] for line in text_of(seen / "verified").splitlines()]
        failed = [verb for verb in ("doctor", "record") if text_of(seen / f"{verb}.status") != "0"]
        recording = "FAILED" if failed or not verified else "OK, " + " + ".join(verified)
        good &= recording != "FAILED"
        if not failed and not verified:
            print(f"{kernel}: hearth recorded, but held no BPF program")
        for verb in failed:
            print(f"{kernel}: hearth {verb} failed:\n{text_of(seen / verb)}")
        for program in programs:
            good &= check(seen, program, kernel, recording)
    print(f"test-kernels: {'passed' if good else 'FAILED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
