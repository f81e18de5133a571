#!/usr/bin/env python3
"""Holds the names, inlined functions and lines that hearth tells to those that other tools tell.

    names.py                       build the programs, name random addresses in each, print the table
    names.py --markdown FILE       ... and write it into FILE
    names.py --demand              ... and fail where fewer than 99.5 % agree
    names.py build | list          only that

The programs are those of accuracy.py, the same sources built in every way that moves names
elsewhere (`variants()`), and large ones that this machine has (`installed()`). Of each, addresses
are drawn evenly from its executable sections and kept where a symbol of the program, or of its
unstripped twin, covers them by its size: between functions there are no frames, and several tools
name what is there by the function before. Each is given to a witness, and compared:

- name: of the innermost function; for `go tool addr2line`, which does not tell inlined functions,
  of the outermost.
- chain: all functions, innermost first. Only where the witness knows a line.
- line: of each function, the file and the line. Only where the witness knows a line.

Names are compared as linkers write them. These count as the same, and nothing else does:

- `memcpy` and `memcpy@@GLIBC_2.14`: the version is not part of a function's name.
- `f` and `f.cold`, `f.part.0`, `f.constprop.0`, `f.isra.0`, `f.lto_priv.0`, `f.llvm.1`: part or copy
  of f, whose debug information says f. In Go `f` and `f.abi0`, as Go's own tools write f.
- Names of two symbols that begin at one address and cover the frame's: C++'s C1 and C2
  constructors, `__GI_x` and `x`. Both are right; the table says how many there are.
- `_ZZ4nextiENKUliE_clEi` and `operator()`, where the former is the symbol that covers the address
  and reads as `next(int)::{lambda(int)#1}::operator()(int) const`: debug information has only the
  last word of functions in functions, and eu-addr2line does not look at symbols then.
- `/a/./b/../c.c` and `/a/c.c`; a relative file and an absolute one that ends with it.
- `?` and 0, for a line that is not known.

A tool that is known to be wrong about some programs is no witness for them; the reasons are at
`WITNESSES`. Stubs of the procedure linkage table are held to `objdump -d`, all of them; where that
has only the address of a resolver (`*ABS*+0x9f550@plt`), to the symbols there.
"""
import argparse
import bisect
import collections
import contextlib
import functools
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig

import accuracy
from accuracy import ROOT, SOURCES, share, version_of

# --- Witnesses ------------------------------------------------------------------------------------

LLVM = shutil.which("llvm-symbolizer")
if shutil.which("swift"):
    # The toolchain's own is newer: older ones do not find the range lists of split DWARF 4.
    own = pathlib.Path(os.path.realpath(shutil.which("swift"))).parent / "llvm-symbolizer"
    LLVM = str(own) if own.exists() else LLVM

PLACE = re.compile(r"^(.*?):(\d+|\?)(?::\d+)?(?: \(discriminator \d+\))?$")


class Witness:
    """A tool that reads addresses and writes functions and places, as addr2line -afi does."""

    def __init__(self, command, tells_inlined=True):
        self.command = command
        self.tells_inlined = tells_inlined

    def ask(self, path, addresses):
        """Address → [(name or None, file or None, line)], innermost first."""
        asked = "".join(f"{address:#x}\n" for address in addresses)
        done = subprocess.run([*self.command, path], input=asked, capture_output=True, text=True,
                              errors="replace")
        lines = done.stdout.splitlines()
        if not self.tells_inlined:
            return {address: [frame(*pair)] for address, pair
                    in zip(addresses, zip(lines[::2], lines[1::2]))}
        answers, address, name = {}, None, None
        for line in lines:
            if name is not None:
                answers[address].append(frame(name, line))
                name = None
            elif re.fullmatch(r"0x[0-9a-f]+", line):
                address = int(line, 16)
                answers[address] = []
            elif address is not None:
                name = line
        return answers


def frame(name, place):
    found = PLACE.match(place)
    file, line = found.groups() if found else ("", "0")
    name = name.partition(" inlined at ")[0]  # what eu-addr2line adds to the innermost
    return (None if name in ("??", "?", "") else name,
            None if file in ("??", "?", "", ":") else file, int(line) if line.isdigit() else 0)


# addr2line (2.40) does not find all inlined functions of Clang's DWARF 5 and of type units, and reads
# no .dwo files. Where DWARF has no linkage name (Go; lambdas in C++) it calls the innermost function
# what the symbol at the address is called; and Clang's constructors, inlined, C4 as in the class,
# not C2 as what was inlined. In DWARF 5 it names the wrong file for some lines of headers, which
# `objdump --dwarf=decodedline` has right.
# eu-addr2line (0.188) alone reads .gnu_debugdata, and minds the sizes of symbols. It needs
# .debug_aranges, which Clang does not write, and finds nothing that was inlined into lambdas, or
# in what -flto made.
# llvm-symbolizer does not look at the symbols of debug files.
WITNESSES = {
    "addr2line": Witness(["addr2line", "-afi", "-e"]),
    "eu-addr2line": Witness(["eu-addr2line", "-afi", "-e"]),
    "go tool addr2line": Witness(["go", "tool", "addr2line"], tells_inlined=False),
    "llvm-symbolizer": Witness([LLVM or "llvm-symbolizer", "--functions=linkage", "--no-demangle",
                                "--output-style=GNU", "-i", "-a", "-e"]),
}

# --- Programs -------------------------------------------------------------------------------------


class Subject:
    """A file whose addresses are named, and who bears witness."""

    def __init__(self, name, path, *witnesses, twin=None, witnessed=None, debug_file=None,
                 names_only=False):
        self.name = name
        self.path = pathlib.Path(path)
        self.witnesses = witnesses
        # Has all symbols of the program, at the same addresses.
        self.twin = pathlib.Path(twin or path)
        # What the witness is given, where it cannot read the file itself.
        self.witnessed = pathlib.Path(witnessed or path)
        # Stands below /usr/lib/debug/.build-id while the program is measured.
        self.debug_file = debug_file
        # The file has no debug information, but its witness has.
        self.names_only = names_only

    @contextlib.contextmanager
    def ready(self):
        if not self.debug_file:
            yield
            return
        build_id = build_id_of(self.path)
        place = pathlib.Path(f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug")
        is_new = not place.parent.exists()
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.debug_file, place)
        try:
            yield
        finally:
            place.unlink()
            if is_new:
                place.parent.rmdir()


def build_id_of(path):
    notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True).stdout
    found = re.search(r"Build ID: ([0-9a-f]+)", notes)
    return found.group(1) if found else None


class Variant:
    """One program that is built, and the subjects in it."""

    def __init__(self, name, commands, sources, *witnesses, **kind):
        self.program = accuracy.Program(
            f"names/{name}", commands, [SOURCES / source for source in sources])
        directory = self.program.directory
        kind = {key: directory / value if isinstance(value, str) else value
                for key, value in kind.items()}
        self.subjects = [Subject(name, self.program.path, *witnesses, **kind)]


COMPILED = "@/names"
WHOLE = "@/whole"

# What a distribution's scripts do to keep the names of all functions in a stripped file.
MINI_DEBUG_INFO = """
cd @
nm -D whole --format=posix --defined-only | cut -d' ' -f1 | sort -u >dynamic
nm whole --format=posix --defined-only | grep -E '^[^ ]+ [TtD] ' | cut -d' ' -f1 | sort -u >functions
comm -13 dynamic functions >kept
objcopy --only-keep-debug whole debug
objcopy -S --remove-section .gdb_index --remove-section .comment --keep-symbols=kept debug mini
strip -o names whole
xz -f mini
objcopy --add-section .gnu_debugdata=mini.xz names
"""


def native(source, label, compiler, flags, *witnesses, after=(), link=(), out=COMPILED, **kind):
    """A program of C or C++; `after` are the commands that change it once it is linked."""
    file = next(SOURCES.glob(f"{source}.c*")).name
    if file.endswith("pp"):
        compiler = {"gcc": "g++", "clang": "clang++"}[compiler]
        flags = ["-std=c++17", *flags]
    flags = ["-O2", *flags]
    commands = [[compiler, *flags, "-c", "-o", "@/names.o", file],
                [compiler, *flags, *link, "-o", out, "@/names.o", "-pthread"], *after]
    return Variant(f"{source}/{label}", commands, ["oracle.h", file], *witnesses, **kind)


def variants():
    """The same programs with their names and lines in different places."""
    found = []
    for source in ("frames", "cxx"):
        def add(*parts, **kind):
            found.append(native(source, *parts, **kind))

        elf, llvm = "eu-addr2line", "llvm-symbolizer"
        dwarf = [elf, llvm] if source == "frames" else [llvm]
        whole = {"out": WHOLE, "witnessed": "whole", "twin": "whole"}
        add("gcc", "gcc", [], "addr2line", elf)
        add("clang", "clang", [], "addr2line", elf)
        for version in (4, 5):
            flags = ["-g", f"-gdwarf-{version}"]
            older = ["addr2line"] if version == 4 and source == "frames" else []
            add(f"gcc-dwarf{version}", "gcc", flags, *older, *dwarf)
            add(f"clang-dwarf{version}", "clang", flags, *older, llvm)
            for compiler in ("gcc", "clang"):
                split = [*flags, "-gsplit-dwarf"]
                packer = "llvm-dwp" if compiler == "clang" or version == 5 else "dwp"
                add(f"{compiler}-dwarf{version}-dwo", compiler, split, llvm)
                add(f"{compiler}-dwarf{version}-dwp", compiler, split, llvm,
                    after=[[packer, "-e", COMPILED, "-o", "@/names.dwp"], ["rm", "@/names.dwo"]])
        add("gcc-dwarf3-strict", "gcc", ["-g", "-gdwarf-3", "-gstrict-dwarf"], llvm)
        add("gcc-dwarf5-types", "gcc", ["-g", "-fdebug-types-section"], llvm)
        add("gcc-lto", "gcc", ["-g", "-flto"], llvm)
        add("gcc-O3", "gcc", ["-g", "-O3"], *dwarf)
        add("gcc-static", "gcc", ["-g"], *dwarf, link=["-static"])
        add("gcc-stripped", "gcc", [], elf, link=["-rdynamic"], out=WHOLE, twin="whole",
            after=[["strip", "-o", COMPILED, WHOLE]])
        add("gcc-gnu_debugdata", "gcc", [], elf, link=["-rdynamic"], out=WHOLE, twin="whole",
            after=[["bash", "-ec", MINI_DEBUG_INFO]])
        for place in ("", ".debug/"):
            file = f"@/{place}names.debug"
            add(f"gcc-debuglink{'-dir' if place else ''}", "gcc", ["-g"], *dwarf, **whole,
                after=[["mkdir", "-p", "@/.debug"], ["objcopy", "--only-keep-debug", WHOLE, file],
                       ["strip", "-o", COMPILED, WHOLE],
                       ["objcopy", f"--add-gnu-debuglink={file}", COMPILED]])
        add("gcc-build-id", "gcc", ["-g"], *dwarf, **whole, link=["-Wl,--build-id"],
            after=[["objcopy", "--only-keep-debug", WHOLE, "@/apart"],
                   ["strip", "-o", COMPILED, WHOLE]], debug_file="apart")
        for kind in ("zlib", "zlib-gnu", "zstd"):
            add(f"gcc-{kind}", "gcc", ["-g"], *dwarf, **whole,
                after=[["objcopy", f"--compress-debug-sections={kind}", WHOLE, COMPILED]])
        add("gcc-linked-zlib", "gcc", ["-g"], *dwarf,
            link=["-Wl,--compress-debug-sections=zlib"])
        add("gcc-dwz", "gcc", ["-g"], *dwarf, **whole, after=[["dwz", "-o", COMPILED, WHOLE]])
        add("gcc-dwz-shared", "gcc", ["-g"], *dwarf, **whole,
            after=[["cp", WHOLE, COMPILED], ["cp", WHOLE, "@/other"],
                   ["dwz", "-m", "@/shared.debug", COMPILED, "@/other"]])
    for label, flags in {"musl-static": [], "musl-static-g": ["-g"]}.items():
        found.append(native("frames", label, "musl-gcc", ["-static", "-DNO_UCONTEXT", *flags],
                            "eu-addr2line"))
    rust = ["rustc", "--edition=2021", "--crate-name=oracle", "-g", "-o", COMPILED, "rust.rs"]
    for label, flags in {"debug": [], "release": ["-Copt-level=3"]}.items():
        for mangling, more in {"v0": ["-Csymbol-mangling-version=v0"], "legacy": []}.items():
            found.append(Variant(f"rust/{label}-{mangling}", [[*rust, *flags, *more]], ["rust.rs"],
                                 "addr2line", "llvm-symbolizer"))
    swift = ["swiftc", "-swift-version", "6", "-module-name", "oracle", "-o", COMPILED,
             "-enforce-exclusivity=unchecked", "swift.swift"]
    for label, flags in {"O": ["-O"], "O-g": ["-O", "-g"], "Onone-g": ["-Onone", "-g"]}.items():
        found.append(Variant(f"swift/{label}", [[*swift, *flags]], ["swift.swift"],
                             "llvm-symbolizer"))
    return found


def corpus():
    """The programs of accuracy.py. Only Go's and two of Swift's have debug information."""
    subjects = []
    for program in accuracy.corpus():
        witnesses, kind = ["addr2line"], {}
        if program.name.startswith("swift/"):
            witnesses = ["llvm-symbolizer"]
        if "/musl" in program.name:
            witnesses = ["eu-addr2line"]  # musl's own code has DWARF 5
        if program.name.startswith(("go/", "cgo/")):
            witnesses = ["go tool addr2line", "llvm-symbolizer"]
            if program.name.endswith("/pie"):
                witnesses = witnesses[1:]  # the other reads no such files
            if program.name.endswith("/stripped"):
                symbols = f"{program.path}.symbols"
                kind = {"twin": symbols, "witnessed": symbols, "names_only": True}
                witnesses = witnesses[:1]
        subjects.append((program, Subject(program.name, program.path, *witnesses, **kind)))
    return subjects


def installed(options):
    """Large programs of this machine."""
    found = []

    def add(name, path, *witnesses, **kind):
        if path and os.path.exists(path):
            found.append(Subject(name, os.path.realpath(path), *witnesses, **kind))

    libraries = pathlib.Path("/usr/lib/x86_64-linux-gnu")
    libc = libraries / "libc.so.6"
    build_id = build_id_of(libc) if libc.exists() else None
    debug = build_id and f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"
    if debug and os.path.exists(debug):
        add("libc.so.6, libc6-dbg", libc, "eu-addr2line", "llvm-symbolizer", twin=debug)
    add("libstdc++.so.6", libraries / "libstdc++.so.6", "eu-addr2line")
    add("node", shutil.which("node"), "addr2line", "eu-addr2line")
    for jvm in sorted(pathlib.Path("/usr/lib/jvm").glob("*/lib/server/libjvm.so")):
        if not jvm.parent.parent.parent.is_symlink():
            add(f"libjvm.so, {jvm.parents[2].name}", jvm, "addr2line", "eu-addr2line")
    add("python3", "/usr/bin/python3", "eu-addr2line")
    library = pathlib.Path(sysconfig.get_config_var("LIBDIR") or "/") / str(
        sysconfig.get_config_var("INSTSONAME"))
    add("libpython3", library, "eu-addr2line", "llvm-symbolizer")
    if shutil.which("clang"):
        add("clang", shutil.which("clang"), "addr2line", "eu-addr2line")
    if options.binary:
        add("hearth", options.binary, "llvm-symbolizer")
    return found


# --- Addresses ------------------------------------------------------------------------------------


class Layout:
    """Where a program has code, and the symbols there."""

    def __init__(self, subject):
        self.sections = executable_sections(subject.path)
        ranges = collections.defaultdict(set)
        for path in {subject.path, subject.twin}:
            for options in ([], ["--dyn-syms"]):
                for start, size, name in symbols(path, options):
                    if any(begin <= start < end for begin, end in self.sections):
                        ranges[start].add((size, name))
        self.starts = sorted(ranges)
        self.names = {start: {plain(name) for _, name in found} for start, found in ranges.items()}
        self.ends = {start: start + max(size for size, _ in found)
                     for start, found in ranges.items()}
        for start, following in zip(self.starts, [*self.starts[1:], 0]):
            # Assembly whose symbols have no size: up to the next symbol of the section.
            if self.ends[start] == start:
                section = next((end for begin, end in self.sections if begin <= start < end), start)
                self.ends[start] = min(section, following or section)

    def covering(self, address):
        """The start of the symbol that covers an address, or None."""
        place = bisect.bisect_right(self.starts, address) - 1
        for start in self.starts[place::-1][:64] if place >= 0 else []:
            if address < self.ends[start]:
                return start
        return None

    def are_aliases(self, address, ours, theirs):
        start = self.covering(address)
        return start is not None and {ours, theirs} <= self.names[start]

    def draw(self, count, random_number):
        total = sum(end - begin for begin, end in self.sections)
        found = set()
        for _ in range(count * 8 if total else 0):
            offset = random_number.randrange(total)
            for begin, end in self.sections:
                if offset < end - begin:
                    break
                offset -= end - begin
            if self.covering(begin + offset) is not None:
                found.add(begin + offset)
            if len(found) == count:
                break
        return sorted(found)


def symbols(path, options):
    """(start, size, name) of what is code; tables of data in code sections are not."""
    done = subprocess.run(["readelf", "-sW", *options, path], capture_output=True, text=True,
                          errors="replace")
    for line in done.stdout.splitlines():
        fields = line.split(None, 7)
        if len(fields) == 8 and fields[3] in ("FUNC", "IFUNC", "NOTYPE") and fields[6].isdigit():
            yield int(fields[1], 16), int(fields[2], 0), fields[7].split()[0]


def executable_sections(path):
    """But for linkage stubs, which have no symbols."""
    found = []
    for name, begin, size in sections(path):
        if not name.startswith((".plt", ".iplt")):
            found.append((begin, begin + size))
    return found


def sections(path):
    text = subprocess.run(["readelf", "-SW", path], capture_output=True, text=True).stdout
    for line in text.splitlines():
        fields = re.sub(r"^\s*\[\s*\d+\]\s*", "", line).split()
        if len(fields) >= 8 and "X" in fields[6] and fields[1] == "PROGBITS":
            yield fields[0], int(fields[2], 16), int(fields[4], 16)


# --- Comparison -----------------------------------------------------------------------------------

VERSION = re.compile(r"@@?[A-Za-z_][\w.]*$")
CLONE = re.compile(r"(?:\.(?:cold|part|constprop|isra|lto_priv|llvm|abi0)(?:\.\d+)*)+$")


def plain(name):
    return CLONE.sub("", VERSION.sub("", name))


@functools.lru_cache(maxsize=None)
def last_word(mangled):
    """What a function is called in its own scope: `operator()`, `_M_manager`."""
    name = subprocess.run(["c++filt", "-p", mangled], capture_output=True, text=True).stdout.strip()
    if name.endswith("::operator()"):
        return "operator()"
    depth = 0
    for place in range(len(name) - 1, 0, -1):
        depth += (name[place] in ">)}") - (name[place] in "<({")
        if depth == 0 and name[place - 1:place + 1] == "::":
            return name[place + 1:]
    return name


def tidy_path(path):
    return re.sub("^/+", "/", os.path.normpath(path or "?"))


def same_file(ours, theirs):
    ours, theirs = tidy_path(ours), tidy_path(theirs)
    if ours == theirs:
        return True
    longer, shorter = sorted((ours, theirs), key=len, reverse=True)
    return not shorter.startswith("/") and longer.endswith("/" + shorter)


class Score:
    FIELDS = ["asked", "ours", "named", "same", "alias", "chains", "same_chains", "lines",
              "same_lines", "stubs", "same_stubs"]

    def __init__(self):
        for field in self.FIELDS:
            setattr(self, field, 0)

    def add(self, other):
        for field in self.FIELDS:
            setattr(self, field, getattr(self, field) + getattr(other, field))

    def meets(self, percent):
        return all(100 * part >= percent * whole for part, whole in (
            (self.same, self.named), (self.same_chains, self.chains),
            (self.same_lines, self.lines), (self.same_stubs, self.stubs)))


class Comparison:
    """One subject against one witness."""

    def __init__(self, layout, witness, names_only):
        self.layout = layout
        self.witness = witness
        self.names_only = names_only
        self.score = Score()
        self.wrong = collections.defaultdict(list)

    def same_name(self, address, ours, theirs):
        """Whether, and whether only as an alias."""
        if ours is None or theirs is None:
            return ours == theirs, False
        ours, theirs = plain(ours), plain(theirs)
        if ours == theirs:
            return True, False
        if self.layout.are_aliases(address, ours, theirs):
            return True, True
        is_symbol = ours in self.layout.names.get(self.layout.covering(address), ())
        return is_symbol and ours.startswith("_Z") and last_word(ours) == theirs, False

    def take(self, address, ours, theirs):
        score = self.score
        score.asked += 1
        score.ours += bool(ours)
        if not theirs or theirs[0][0] is None:
            return
        score.named += 1
        mine = ours[0 if self.witness.tells_inlined else -1][0] if ours else None
        good, alias = self.same_name(address, mine, theirs[0][0])
        score.same += good
        score.alias += alias
        if not good:
            self.wrong["name"].append((address, mine, theirs[0][0]))
        if self.names_only or not any(line for _, _, line in theirs):
            return
        if self.witness.tells_inlined:
            score.chains += 1
            good = len(ours) == len(theirs) and all(
                self.same_name(address, mine[0], other[0])[0]
                for mine, other in zip(ours, theirs))
            score.same_chains += good
            if not good:
                self.wrong["chain"].append((address, *(
                    " < ".join(str(name) for name, _, _ in frames) for frames in (ours, theirs))))
        score.lines += 1
        pairs = [(mine, other) for mine, other in zip(ours, theirs)]
        good = len(ours) >= len(theirs) and all(
            same_file(mine[1], other[1]) and mine[2] == other[2] for mine, other in pairs)
        score.same_lines += good
        if not good:
            self.wrong["line"].append((address, *(
                " < ".join(f"{file}:{line}" for _, file, line in frames)
                for frames in (ours, theirs))))


def ask_hearth(options, path, addresses):
    """Address → [(linkage name, file, line)], innermost first."""
    command = ([*shlex.split(options.tool), path] if options.tool
               else [options.binary, "names", path, "-", "--json"])
    done = subprocess.run(command, input="".join(f"{address:x}\n" for address in addresses),
                          capture_output=True, text=True, errors="replace")
    if done.returncode:
        print(f"{path}: {done.stderr.strip()[-300:]}", file=sys.stderr)
    answers = {}
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        answers[int(answer["address"], 16)] = [
            (part["systemName"], part["file"], part["line"]) for part in answer["frames"]]
    return answers


STUB = re.compile(r"^([0-9a-f]+) <(.*)@plt>:$")


def stubs_of(path):
    """Address → name of each linkage stub, as a disassembler has it."""
    names = [name for name, _, _ in sections(path) if name.startswith(".plt")]
    if not names:
        return {}
    done = subprocess.run(["objdump", "-d", *(f"--section={name}" for name in names), path],
                          capture_output=True, text=True, errors="replace")
    return {int(found.group(1), 16): found.group(2)
            for found in map(STUB.match, done.stdout.splitlines()) if found}


def measure(subject, options):
    """(witness's name, comparison) of each witness."""
    layout = Layout(subject)
    addresses = layout.draw(options.addresses, random.Random(f"{options.seed} {subject.name}"))
    stubs = stubs_of(subject.path)
    results = []
    with subject.ready():
        ours = ask_hearth(options, subject.path, addresses + sorted(stubs))
        for name in subject.witnesses:
            witness = WITNESSES[name]
            comparison = Comparison(layout, witness, subject.names_only)
            theirs = witness.ask(subject.witnessed, addresses)
            for address in addresses:
                comparison.take(address, ours.get(address, []), theirs.get(address, []))
            results.append((name, comparison))
    first = results[0][1]
    for address, name in stubs.items():
        mine = ours.get(address) or [(None, "", 0)]
        said = mine[0][0] or ""
        wanted = {plain(name)}
        if name.startswith("*ABS*+0x"):
            wanted = layout.names.get(int(name[6:], 16), set())
        good = said.endswith("@plt") and plain(said.removesuffix("@plt")) in wanted
        first.score.stubs += 1
        first.score.same_stubs += good
        if not good:
            first.wrong["stub"].append((address, mine[0][0], f"{name}@plt"))
    return results


# --- The table ------------------------------------------------------------------------------------

HEADINGS = ["addresses", "named %", "by hearth %", "same name %", "of them aliases", "same chain %",
            "same line %", "stubs"]


def cells(score):
    return [str(score.asked), share(score.named, score.asked), share(score.ours, score.asked),
            share(score.same, score.named), str(score.alias),
            share(score.same_chains, score.chains), share(score.same_lines, score.lines),
            f"{score.same_stubs}/{score.stubs}" if score.stubs else "–"]


START, END = "<!-- names table: start -->", "<!-- names table: end -->"


def write_markdown(path, rows, options):
    lines = [START, "", tools_line(options), "",
             "| program | witness | " + " | ".join(HEADINGS) + " |",
             "| --- | --- |" + " ---: |" * len(HEADINGS)]
    lines += [f"| {name} | {witness} | " + " | ".join(cells(score)) + " |"
              for name, witness, score in rows]
    lines += ["", END]
    text = path.read_text()
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    path.write_text(before + "\n".join(lines) + after)


def tools_line(options):
    tools = [version_of(command) for command in (
        ["addr2line", "--version"], ["eu-addr2line", "--version"], ["gcc", "--version"],
        ["clang", "--version"], ["rustc", "--version"], ["go", "version"], ["swiftc", "--version"])
        if shutil.which(command[0])]
    if LLVM:
        done = subprocess.run([LLVM, "--version"], capture_output=True, text=True).stdout
        tools.append("llvm-symbolizer " + "".join(re.findall(r"LLVM version (\S+)", done)))
    tools = [re.sub(r" \(https?://\S+ [0-9a-f]+\)", "", tool) for tool in tools]
    return f"{options.addresses} addresses per program, seed {options.seed}. {'; '.join(tools)}."


def gathered(rows):
    """One row for all builds of a source of accuracy.py, which differ in little."""
    sums = {}
    for group, name, witness, score in rows:
        count, total = sums.setdefault((group or name, witness), [0, Score()])
        sums[(group or name, witness)][0] = count + 1
        total.add(score)
    return [(f"{name} ({count} builds)" if count > 1 else name, witness, score)
            for (name, witness), (count, score) in sums.items()]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", nargs="?", default="run", choices=["run", "build", "list"])
    parser.add_argument("--binary", default=str(ROOT / ".build" / "release" / "hearth"),
                        help="the hearth to measure")
    parser.add_argument("--tool", metavar="CMD",
                        help="a command to ask in place of `BINARY names`: takes a file, reads "
                        "addresses, writes JSON")
    parser.add_argument("--filter", help="only programs whose name matches this expression")
    parser.add_argument("--addresses", type=int, default=2000, help="per program")
    parser.add_argument("--seed", default="hearth", help="of the random addresses")
    parser.add_argument("--show-wrong", type=int, nargs="?", const=5, default=0, metavar="N",
                        help="print N of each kind of answer that is not the witness's")
    parser.add_argument("--markdown", metavar="FILE", help="write the table between FILE's markers")
    parser.add_argument("--demand", action="store_true",
                        help="fail below 99.5 %% of names, chains, lines or stubs of any program")
    parser.add_argument("--jobs", type=int, default=2, help="programs built at a time")
    options = parser.parse_args()
    built = [(variant.program, variant.subjects[0]) for variant in variants()]
    subjects = [(None, subject, program) for program, subject in built]
    subjects += [(f"{program.name.split('/')[0]}/… of the table above", subject, program)
                 for program, subject in corpus()]
    subjects += [(None, subject, None) for subject in installed(options)]
    subjects = [entry for entry in subjects
                if not options.filter or re.search(options.filter, entry[1].name)]
    if options.verb == "list":
        print("\n".join(subject.name for _, subject, _ in subjects))
        return 0
    _, missing = accuracy.build_all([program for _, _, program in subjects if program],
                                    options.jobs)
    subjects = [entry for entry in subjects if not entry[2] or entry[2].name not in missing]
    if options.verb == "build":
        return 1 if missing else 0
    if not options.tool and not os.access(options.binary, os.X_OK):
        parser.error(f"{options.binary}: no such program; `make build`, or --binary PATH")
    print(f"{'':30} {'witness':17} " + " ".join(f"{heading:>12}" for heading in HEADINGS))
    rows = []
    for group, subject, _ in subjects:
        for witness, comparison in measure(subject, options):
            rows.append((group, subject.name, witness, comparison.score))
            print(f"{subject.name:30} {witness:17} "
                  + " ".join(f"{cell:>12}" for cell in cells(comparison.score)), flush=True)
            for kind, found in comparison.wrong.items():
                for address, ours, theirs in found[:options.show_wrong]:
                    print(f"    {kind} at {address:#x}: {ours}\n      {witness}: {theirs}")
    rows = gathered(rows)
    if options.markdown:
        write_markdown(pathlib.Path(options.markdown), rows, options)
    low = [f"{name} by {witness}" for name, witness, score in rows if not score.meets(99.5)]
    if low:
        print("below 99.5 %: " + "; ".join(low))
    return 1 if options.demand and (low or missing) else 0


if __name__ == "__main__":
    sys.exit(main())
