#!/usr/bin/env python3
"""Holds profilers to programs that know their own call chains (Tests/Oracle).

    accuracy.py                    build the programs, run each under hearth, perf dwarf and perf fp
    accuracy.py --markdown FILE    ... and write the table into FILE
    accuracy.py machine            profile the whole machine at work: where do user stacks end?
    accuracy.py build | list       only that

Of every sample the user's part of the stack is compared, function by function, with the program's
call tree. docs/ACCURACY.md tells what the words in the table mean. Needs root.
"""
import argparse
import collections
import concurrent.futures
import functools
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ROOT / "Tests" / "Oracle"
SCRATCH = ROOT / ".build" / "oracle"

# --- The corpus -----------------------------------------------------------------------------------

C_SOURCES = ["frames", "deep", "signals", "libc", "libraries", "processes"]


class Program:
    """One executable: the commands that build it, and what a reader of the table calls it."""

    def __init__(self, name, commands, sources, apart=False, bare_root=False):
        self.name = name
        # Not in the sums: it runs code that has neither call frame information nor frame pointers.
        self.apart = apart
        # What calls main has no tables: a stack that ends right there is whole.
        self.bare_root = bare_root
        self.directory = SCRATCH / name.replace("/", "-")
        # A short name of its own: what the kernel keeps of it is the sample's comm.
        self.path = self.directory / name.split("/")[0][:15]
        self.commands = [[word.replace("@", str(self.directory)) for word in command]
                         for command in commands]
        self.sources = sources

    @property
    def stamp(self):
        """A file that holds the commands of the last build that ended well."""
        return self.directory / "commands"

    @property
    def is_current(self):
        return (self.path.exists() and self.stamp.exists()
                and self.stamp.read_text() == repr(self.commands)
                and all(source.stat().st_mtime <= self.stamp.stat().st_mtime
                        for source in self.sources))

    def build(self):
        """The compiler's complaint, or None."""
        if self.is_current:
            return None
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        for command in self.commands:
            where = SOURCES
            if command[0] == "cd":
                where, command = SOURCES / command[1], command[2:]
            done = subprocess.run(command, cwd=where, capture_output=True, text=True)
            if done.returncode:
                return f"{' '.join(command)}\n{done.stderr}"
        self.stamp.write_text(repr(self.commands))
        return None


def c_program(source, label, compiler, flags, plt=(), **kind):
    """`plt`: flags for the libraries' linkage, in the program and in the library itself."""
    name = f"{source}/{label}"
    commands = []
    link = []
    if source == "libraries":
        for library, pad in (("linked", 100), ("first", 40), ("second", 3000)):
            # With a build ID, as distributions link: it tells libraries apart that take turns.
            commands.append([compiler, *flags, *plt, "-shared", "-fPIC", "-Wl,--build-id",
                             f"-DNAME={library}",
                             f"-DPAD={pad}", "-o", f"@/lib{library}.so", "library.c"])
        link = ["-L@", "-llinked", "-Wl,-rpath,@", "-ldl", *plt]
    commands.append([compiler, *flags, "-o", f"@/{source}", f"{source}.c", *link, "-pthread"])
    return Program(name, commands,
                   [SOURCES / "oracle.h", SOURCES / f"{source}.c", SOURCES / "library.c"], **kind)


def cxx_program(label, compiler, flags):
    return Program(f"cxx/{label}",
                   [[compiler, "-std=c++17", *flags, "-o", "@/cxx", "cxx.cpp", "-pthread"]],
                   [SOURCES / "oracle.h", SOURCES / "cxx.cpp"])


def corpus():
    """The whole build matrix."""
    programs = []
    frame_pointers = {"nofp": "-fomit-frame-pointer", "fp": "-fno-omit-frame-pointer"}

    def optimise(level):
        return [f"-O{level}"] + (["-DTAIL_CALLS"] if level >= 2 else [])

    for source in C_SOURCES:
        for compiler in ("gcc", "clang"):
            for level in range(4):
                for fp, flag in frame_pointers.items():
                    programs.append(c_program(
                        source, f"{compiler}-O{level}-{fp}", compiler,
                        [*optimise(level), flag, "-fPIE", "-pie"]))
    # Linkage of libraries: lazily bound stubs are the default above.
    for label, plt in {"now": ["-Wl,-z,now"], "no-plt": ["-fno-plt", "-Wl,-z,now"],
                       "ibt": ["-fcf-protection=full", "-Wl,-z,ibtplt", "-Wl,-z,lazy"]}.items():
        programs.append(c_program("libraries", f"gcc-O2-nofp-{label}", "gcc",
                                  [*optimise(2), "-fomit-frame-pointer", *plt], plt))
    # Kinds of executables.
    kinds = {"static": ["-static"], "static-pie": ["-static-pie", "-fPIE"],
             "non-pie": ["-no-pie", "-fno-pie"]}
    for label, flags in kinds.items():
        for source in ("frames", "deep", "signals", "libc", "processes"):
            programs.append(c_program(source, f"gcc-O2-nofp-{label}", "gcc",
                                      [*optimise(2), "-fomit-frame-pointer", *flags]))
    # perf copies only the stack it is on: with one stack it sees what the alternate one hides.
    programs.append(c_program("signals", "gcc-O2-nofp-one-stack", "gcc",
                              [*optimise(2), "-fomit-frame-pointer", "-DONE_STACK"]))
    # musl's own code has no call frame information at all, and no ucontext functions.
    for source in ("frames", "deep", "signals", "libc", "processes"):
        programs.append(c_program(
            source, "musl-static-O2-nofp", "musl-gcc",
            [*optimise(2), "-fomit-frame-pointer", "-static", "-fasynchronous-unwind-tables",
             "-DNO_UCONTEXT"], apart=source in ("signals", "libc"), bare_root=True))
    for compiler in ("g++", "clang++"):
        for level in (0, 2):
            programs.append(cxx_program(f"{compiler}-O{level}", compiler, [f"-O{level}"]))
    programs.append(cxx_program("g++-O2-static-libstdc++", "g++",
                                ["-O2", "-static-libstdc++", "-static-libgcc"]))
    programs.append(cxx_program("g++-O2-static", "g++", ["-O2", "-static"]))
    rust = ["rustc", "--edition=2021", "--crate-name=oracle", "-Cforce-frame-pointers=no"]
    for label, flags in {"debug": ["-Copt-level=0", "-Cdebug-assertions=yes"],
                         "release": ["-Copt-level=3"]}.items():
        programs.append(Program(f"rust/{label}", [[*rust, *flags, "-o", "@/rust", "rust.rs"]],
                                [SOURCES / "rust.rs"]))
    # "package" has what SwiftPM gives to release builds. Without -g, the compiler makes no call frame
    # information for functions that throw nothing in the sense of C++, nor frame pointers.
    swift = {"Onone": ["-Onone"], "O-g": ["-O", "-g"],
             "package": ["-O", "-g", "-Xcc", "-fno-omit-frame-pointer"], "O-bare": ["-O"]}
    for label, flags in swift.items():
        programs.append(Program(
            f"swift/{label}",
            [["swiftc", *flags, "-swift-version", "6", "-module-name", "oracle",
              "-enforce-exclusivity=unchecked", "-o", "@/swift", "swift.swift"]],
            [SOURCES / "swift.swift"], apart=label == "O-bare"))
    go = {"plain": [], "stripped": ["-ldflags", "-s -w"], "pie": ["-buildmode=pie"]}
    for source in ("go", "cgo"):
        for label, flags in go.items():
            commands = [["cd", source, "go", "build", *flags, "-o", f"@/{source}", "."]]
            if label == "stripped":
                # The same code with names, for profilers that do not read Go's own tables.
                commands.append(["cd", source, "go", "build", "-o", f"@/{source}.symbols", "."])
            programs.append(Program(f"{source}/{label}", commands,
                                    [*(SOURCES / source).glob("*.[cg]*"), SOURCES / "oracle.h"]))
    return programs


# --- Names ----------------------------------------------------------------------------------------

GO_METHOD = re.compile(r"^[\w/.%-]+\.\(\*?\w+\)\.")
CLONE = re.compile(r"(?:\.(?:constprop|isra|part|cold|lto_priv|llvm|localalias|abi0)(?:\.\d+)*"
                   r"|\.\d+|@@?[A-Z]\w*[\w.]*| ?\[(?:clone )?[\w.]+\])+$")
SWIFT_CLOSURE = re.compile(r"closure #(\d+)\b.*? in (.+)$")
SWIFT_WRAPPERS = re.compile(
    r"^(?:generic |function signature |partial |specialization |specialized |merged |forwarder |"
    r"apply |for |of |<[^>]*> of )+")


@functools.lru_cache(maxsize=None)
def plain_name(name):
    """A function's name without what tells one copy or overload of it from another."""
    name = name.strip()
    if name.endswith("@plt"):
        return "plt:" + name  # a stub, not the function
    previous = None
    while previous != name:
        previous, name = name, CLONE.sub("", name.removeprefix("__GI_"))
    if GO_METHOD.match(name):
        return name
    closure = SWIFT_CLOSURE.search(name)
    if closure:
        return f"{plain_name(closure.group(2))}#{closure.group(1)}"
    name = SWIFT_WRAPPERS.sub("", name)
    name = name.replace("(anonymous namespace)", "{anonymous}")
    # Parameters, template arguments; the last word before them at depth 0.
    text, depth = "", 0
    index = 0
    while index < len(name):
        char = name[index]
        if char in "(<" and not name.startswith("operator", max(0, index - 8), index):
            end = closing(name, index)
            if char == "<" and (not text or text.endswith(" ") or text.endswith("::")):
                text += name[index:end]  # Rust: <Type as Trait>::method
            elif char == "(" and end < len(name) and name[end:end + 2] == "::":
                pass  # function()::{lambda()#1}
            elif char == "(" and "{" in text and "}" not in text[text.rindex("{"):]:
                pass  # {lambda(int)#1}
            elif char == "(":
                if name.startswith("operator()", index - 8):
                    text += "()"
                    index = end
                    continue
                break
            index = end
            continue
        if char == "(" and name.startswith("operator()", index - 8):
            text += "()"
            index += 2
            continue
        text += char
        index += 1
    text = re.sub(r"::h[0-9a-f]{16}$", "", text)
    words, word = [], ""
    for char in text.strip():
        depth += (char in "<{") - (char in ">}")
        if char == " " and depth == 0:
            words.append(word)
            word = ""
        else:
            word += char
    if text.startswith("operator ") or " operator " in text:
        return text.strip()
    return re.sub(r"^oracle\.", "", word)


def closing(text, start):
    """One past the bracket that closes the one at `start`."""
    pairs = {"(": ")", "<": ">"}
    opening, ending, depth = text[start], pairs[text[start]], 0
    for index in range(start, len(text)):
        if text[index] == opening:
            depth += 1
        elif text[index] == ending and text[index - 1] != "-":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def demangled(names):
    """Linker names → readable names, in a dictionary."""
    result = {}
    for prefix, command in (("$s", ["swift-demangle", "--simplified"]), ("_", ["c++filt"])):
        mangled = [name for name in names if name.startswith(prefix) and " " not in name]
        if not mangled:
            continue
        if prefix == "$s" and not shutil.which(command[0]):
            command = ["swift", "demangle", "--simplified", "--compact"]
        done = subprocess.run(command, input="\n".join(mangled) + "\n", capture_output=True,
                              text=True)
        lines = done.stdout.splitlines()
        if len(lines) == len(mangled):
            result.update(zip(mangled, lines))
    return result


class DebugNames:
    """Names of a library's local functions, out of its debug file: `module+0x…` → function.

    Hearth names what the process's own files name; start_thread, __clone3 and __restore_rt are
    named by libc6-dbg only.
    """
    UNNAMED = re.compile(r"^([\w.+/-]+)\+0x([0-9a-f]+)$")
    PLACES = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64"]

    @functools.lru_cache(maxsize=None)
    def table(self, module):
        if module.startswith(str(SCRATCH)):
            twin = pathlib.Path(module + ".symbols")
            return self.read(twin if twin.exists() else module)
        for place in self.PLACES:
            path = pathlib.Path(place) / pathlib.Path(module).name
            if not path.exists():
                continue
            notes = subprocess.run(["readelf", "-n", path], capture_output=True, text=True).stdout
            found = re.search(r"Build ID: (..)([0-9a-f]+)", notes)
            debug = found and pathlib.Path(
                f"/usr/lib/debug/.build-id/{found.group(1)}/{found.group(2)}.debug")
            if not debug or not debug.exists():
                return []
            return self.read(debug)
        return []

    @staticmethod
    def read(path):
        symbols = subprocess.run(["nm", "-S", "-n", path], capture_output=True, text=True).stdout
        table = []
        for line in symbols.splitlines():
            fields = line.split()
            if len(fields) == 4 and fields[2] in "tTwWiI":
                table.append((int(fields[0], 16), int(fields[1], 16), fields[3]))
            elif len(fields) == 3 and fields[1] in "tT":  # assembly without a size
                table.append((int(fields[0], 16), 1, fields[2]))
        return table

    @functools.lru_cache(maxsize=None)
    def name(self, text):
        found = self.UNNAMED.match(text)
        if not found:
            return text
        address = int(found.group(2), 16)
        # Profilers look callers up one byte early; libc enters __start_context and __restore_rt
        # at their first.
        for wanted in (address, address + 1):
            for start, size, name in self.table(found.group(1)):
                if start <= wanted < start + max(size, 1):
                    return name
        return text


# --- Expectations ---------------------------------------------------------------------------------

# What stands below main, or below a thread's or a coroutine's own entry.
ROOTS = {
    "_start", "_dl_start", "_dl_start_user", "__libc_start_main", "__libc_start_main_impl",
    "__libc_start_call_main", "_start_c", "libc_start_main_stage2", "__dls2", "__dls3",
    "clone", "__clone", "clone3", "__clone3", "start_thread", "start", "__start_context",
    "runtime.goexit", "runtime.main", "runtime.rt0_go", "_rt0_amd64_linux", "_rt0_amd64",
    "runtime.mstart", "runtime.mstart0", "runtime.mstart1", "runtime.mcall", "runtime.systemstack",
    "runtime.systemstack_switch", "runtime.morestack", "threadentry", "crosscall_amd64",
}
# Frames only for profilers that show what the compiler put in place of a call.
INLINE = {"burn", "main.burn", "oracle::burn"}
REPEATED = re.compile(r"^(.*)\{(\d+)(?:,(\d+))?\}$")


class Tree:
    """A program's call tree: which stack belongs to a sample in which function."""

    def __init__(self, lines):
        self.characters = {}
        self.library = set()  # characters of the names that chains mention with a ~
        by_leaf, by_library = collections.defaultdict(set), set()
        for line in lines:
            _, _, chain = line.partition("\t")
            if chain:
                self.add(chain, by_leaf, by_library)
        other = f"[x{''.join(sorted(self.library))}]"
        self.by_leaf = {leaf: re.compile("|".join(sorted(parts)).replace("x", other), re.S)
                        for leaf, parts in by_leaf.items()}
        self.by_library = re.compile("|".join(sorted(by_library)).replace("x", other) or "(?!)",
                                     re.S)

    def character(self, name):
        """One character per known function, so that a stack is a string."""
        return self.characters.setdefault(name, chr(0x100000 + len(self.characters)))

    def add(self, chain, by_leaf, by_library):
        front = ""
        for element in chain.split(";"):
            found = REPEATED.match(element)
            low = high = None
            if found:
                element, low, high = found.group(1), found.group(2), found.group(3)
            if element == "*":
                if front:
                    by_library.add(front + "x+")
                front += "x*"
                continue
            if element == "?":
                front += "x" if low is None else f"x{{{low},{high or low}}}"
                by_library.add(front)
                continue
            letters = [self.character(plain_name(name)) for name in element.lstrip("~").split("|")]
            any_of = f"[{''.join(letters)}]"
            if element.startswith("~"):
                self.library.update(letters)
                front += any_of
                by_library.add(front)
                continue
            for letter in letters:
                # A sample in a recursion is somewhere on its way down.
                by_leaf[letter].add(
                    front + (any_of if low is None else f"{any_of}{{1,{high or low}}}"))
            front += any_of if low is None else f"{any_of}{{{low},{high or low}}}"

    def classify(self, names):
        """(verdict, reached the root) of a stack of plain names, root first.

        exact        the stack that the tree demands
        undeclared   no function of the tree in it: what runs before main, after it or beside it
        inexact      anything else
        """
        reached = bool(names) and names[0] in ROOTS
        index = 0
        while index < len(names) and names[index] in ROOTS:
            index += 1
        letters = "".join(self.characters.get(name, "x") for name in names[index:]
                          if name not in INLINE)
        if not letters:
            return ("undeclared" if reached else "inexact"), reached
        leaf = letters[-1]
        if leaf in self.by_leaf:
            exact = self.by_leaf[leaf].fullmatch(letters)
            return ("exact" if exact else "inexact"), reached
        if self.by_library.fullmatch(letters):
            return "exact", reached
        foreign = all(letter == "x" or letter in self.library for letter in letters)
        return ("undeclared" if reached and foreign else "inexact"), reached


# --- Profilers ------------------------------------------------------------------------------------

class Stacks:
    """What one profiler delivered of one program: user stacks, root first, and their counts."""

    def __init__(self):
        self.counts = collections.Counter()  # (stop reason or "", names…) → samples
        self.failure = None


def run(command, seconds):
    """(what failed or None, the end of standard error)."""
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors,
                                   start_new_session=True)
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            code = "no end"
        errors.seek(0)
        said = errors.read()[-400:].strip()
        return None if code == 0 else f"{code}: {said}", said


def hearth(program, options, work):
    stacks = Stacks()
    output = work / "hearth.folded"
    command = [options.binary, "record", "-F", str(options.frequency), "-o", str(output)]
    if options.attach:
        child = subprocess.Popen([program.path, str(options.seconds + 3)],
                                 stdout=subprocess.DEVNULL)
        time.sleep(0.2)
        stacks.failure, said = run(
            [*command, "-p", str(child.pid), "-d", str(options.seconds)], options.seconds + 60)
        child.kill()
        child.wait()
    else:
        stacks.failure, said = run(
            [*command, "--", str(program.path), str(options.seconds)], options.seconds + 60)
    if "lost" in said and not stacks.failure:
        stacks.failure = said.splitlines()[-1]
    if not output.exists():
        return stacks
    read_folded(output, stacks, program)
    output.unlink()
    return stacks


DEBUG_NAMES = DebugNames()
REPLACED = re.compile(r"sys_execve")
# The kernel's functions in which a process has already given its memory back.
ENDING = "the process was ending, and its stack already gone"
DYING = re.compile(rf"sys_execve|do_exit|exit_mm|{ENDING}")


def read_folded(path, stacks, program):
    comm = program.path.name
    own = re.compile(rf"^{re.escape(comm)}\+(?=0x)")
    for line in path.read_text(errors="replace").splitlines():
        text, _, count = line.rpartition(" ")
        frames = text.split(";")
        if frames[0] != comm:
            continue
        # What called execve is gone with its mappings; the comm is already the new program's.
        if REPLACED.search(text):
            continue
        reason = ""
        frames = [frame for frame in frames[1:] if not frame.endswith("_[k]")]
        if frames and frames[0].startswith("[cut: "):
            reason, frames = frames[0][6:-1], frames[1:]
        if frames:
            frames = [own.sub(f"{program.path}+", frame) for frame in frames]
            names = tuple(plain_name(DEBUG_NAMES.name(frame)) for frame in frames)
            stacks.counts[(reason, *names)] += int(count)


SAMPLE = re.compile(r"^(\S.*?)\s+(\d+)/(\d+)\s*$")
FRAME = re.compile(r"^\s+([0-9a-f]+) (.*) \((.*)\)$")


def repair(path):
    """Takes a flag back that the kernel puts on other profilers' records.

    While any perf event of the machine asks for build ids in its mapping records (hearth's does),
    kernels up to 6.18 at least set PERF_RECORD_MISC_MMAP_BUILD_ID on the records of events that did
    not ask; perf 6.1 then reads device numbers as a build id, and crashes.
    """
    mmap2, flag = 10, 1 << 14
    with open(path, "r+b") as file:
        file.seek(40)
        position, size = struct.unpack("<QQ", file.read(16))  # perf_file_header.data
        end = position + size
        while position + 8 <= end:
            file.seek(position)
            kind, misc, length = struct.unpack("<IHH", file.read(8))
            if kind == mmap2 and misc & flag:
                file.seek(position + 4)
                file.write(struct.pack("<H", misc & ~flag))
            if length < 8:
                return
            position += length


@functools.lru_cache(maxsize=None)
def image_address(path, offset):
    """What the linker calls the byte at this offset, in hexadecimal digits, of an executable."""
    offset = int(offset, 16)
    with open(path, "rb") as file:
        header = file.read(64)
        start, = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        for index in range(count):
            file.seek(start + index * size)
            kind, _, begin, address, _, length = struct.unpack("<IIQQQQ", file.read(40))
            if kind == 1 and begin <= offset < begin + length:
                return hex(offset - begin + address)
    return hex(offset)


def perf(program, options, work, graph):
    stacks = Stacks()
    data = work / "perf.data"
    # Without build ids: repair() tells why.
    stacks.failure, _ = run(
        ["perf", "record", "-q", "-B", "-N", "-e", "cpu-clock", "-F", str(options.perf_frequency),
         "--call-graph", graph, "-o", str(data), "--", str(program.path), str(options.seconds)],
        options.seconds + 60)
    if not data.exists():
        return stacks
    repair(data)
    script = subprocess.run(
        ["perf", "script", "-i", str(data), "--no-inline", "--no-demangle", "--max-stack", "2000",
         "-F", "comm,pid,tid,ip,sym,dso"], capture_output=True, text=True, errors="replace")
    data.unlink()
    samples, frames, kernel, comm = [], [], [], None
    for line in script.stdout.splitlines() + [""]:
        header = SAMPLE.match(line)
        frame = None if header else FRAME.match(line)
        if header:
            comm, frames, kernel = header.group(1), [], []
        elif frame:
            name, image = frame.group(2), frame.group(3)
            if name == "[unknown]" and image == str(program.path):
                frames.append(DEBUG_NAMES.name(f"{image}+{image_address(image, frame.group(1))}"))
                continue
            if image == "[kernel.kallsyms]" or image.endswith(".ko"):
                kernel.append(name)
                continue
            if frame.group(1) == "f" * 16:
                continue  # no frame: perf's mark between parts
            frames.append(DEBUG_NAMES.name(f"{image}+0x{frame.group(1)}")
                          if name == "[unknown]" else name)
        elif comm:
            if comm == program.path.name and frames:
                if not any(REPLACED.search(name) for name in kernel):
                    samples.append(frames[::-1])
            comm = None
    readable = demangled({name for frames in samples for name in frames})
    for frames in samples:
        stacks.counts[("", *(plain_name(readable.get(name, name)) for name in frames))] += 1
    return stacks


GDB_FRAME = re.compile(r"^#\d+\s+(?:0x[0-9a-f]+ in )?(.*?)(?: \(.*)?$")


def gdb(program, options, work):
    """Some stacks by a debugger that stops the program for each: a witness for the tree."""
    stacks = Stacks()
    seconds = options.gdb_samples * 2 + 10
    child = subprocess.Popen([program.path, str(seconds)], stdout=subprocess.DEVNULL,
                             start_new_session=True)
    command = ["gdb", "-nx", "-batch", "-p", str(child.pid), "-ex", "set width 0",
               "-ex", "set backtrace past-main on", "-ex", "set backtrace limit 3000",
               "-ex", "set print frame-arguments none", "-ex", "thread apply all bt"]
    try:
        for _ in range(options.gdb_samples):
            time.sleep(0.05 + random.random() / 5)
            done = subprocess.run(command, capture_output=True, text=True, errors="replace")
            frames = []
            for line in done.stdout.splitlines() + ["Thread"]:
                found = GDB_FRAME.match(line)
                if found:
                    name = found.group(1).replace("<signal handler called>", "__restore_rt")
                    frames.append(name)
                elif frames and line.startswith("Thread"):
                    while frames and frames[-1] == "??":  # what it makes of the end
                        frames.pop()
                    readable = demangled(set(frames))
                    stacks.counts[("", *(plain_name(readable.get(name, name))
                                         for name in reversed(frames)))] += 1
                    frames = []
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    return stacks


# --- The table ------------------------------------------------------------------------------------

class Score:
    def __init__(self):
        self.exact = self.inexact = self.undeclared = self.rooted = 0

    @property
    def samples(self):
        return self.exact + self.inexact + self.undeclared

    def add(self, other):
        self.exact += other.exact
        self.inexact += other.inexact
        self.undeclared += other.undeclared
        self.rooted += other.rooted


def share(part, whole):
    """Rounded down: 99.99 is not 100."""
    return "–" if not whole else f"{int(part * 1000000 / whole) / 10000:.2f}"


def judge(program, tree, stacks, wrong, undeclared):
    score = Score()
    for (reason, *names), count in stacks.counts.items():
        if reason == ENDING:
            continue  # there is no stack any more; perf gives such samples no user frames at all
        verdict, reached = tree.classify(names)
        reached &= not reason or program.bare_root
        setattr(score, verdict, getattr(score, verdict) + count)
        score.rooted += count if reached else 0
        if verdict != "exact" or not reached:
            kind = undeclared if verdict == "undeclared" else wrong
            kind[(verdict, reached, reason, tuple(names))] += count
    return score


PROFILERS = ["hearth", "perf dwarf", "perf fp"]
WITNESS = "gdb"


def measure(program, options, work):
    done = subprocess.run([program.path, "--expect"], capture_output=True, text=True)
    tree = Tree(done.stdout.splitlines())
    scores = {}
    for profiler in options.profilers:
        if profiler == "hearth":
            stacks = hearth(program, options, work)
        elif profiler == WITNESS:
            stacks = gdb(program, options, work)
        else:
            graph = "fp" if profiler == "perf fp" else options.perf_dwarf
            stacks = perf(program, options, work, graph)
        wrong, undeclared = collections.Counter(), collections.Counter()
        scores[profiler] = judge(program, tree, stacks, wrong, undeclared)
        if stacks.failure:
            print(f"  {profiler} on {program.name}: {stacks.failure}", file=sys.stderr)
        for title, found in (("wrong", wrong), ("undeclared", undeclared)):
            for (verdict, reached, reason, names), count in found.most_common(options.show_wrong):
                shown = [*names[:12], "…", *names[-28:]] if len(names) > 40 else names
                print(f"    {profiler:10} {count:6} {verdict}{'' if reached else ', no root'}"
                      f"{', cut: ' + reason if reason else ''}: {';'.join(shown)}")
    return scores


def cells(scores, profilers):
    row = []
    for profiler in profilers:
        score = scores.get(profiler) or Score()
        judged = score.exact + score.inexact
        row += [str(score.samples), share(score.exact, judged), share(score.rooted, score.samples),
                str(score.undeclared)]
    return row


def headings(profilers):
    row = []
    for profiler in profilers:
        row += [f"{profiler} samples", "exact %", "root %", "undeclared"]
    return row


START, END = "<!-- accuracy table: start -->", "<!-- accuracy table: end -->"


def write_markdown(path, rows, sums, options):
    lines = [START, "", machine_line(options), "",
             "| program | " + " | ".join(headings(options.profilers)) + " |",
             "| --- |" + " ---: |" * (4 * len(options.profilers))]
    for name, scores in rows:
        lines.append(f"| {name} | " + " | ".join(cells(scores, options.profilers)) + " |")
    lines.append("| **sum** | " + " | ".join(cells(sums, options.profilers)) + " |")
    lines += ["", END]
    text = path.read_text()
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    path.write_text(before + "\n".join(lines) + after)


def version_of(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines()[0].strip() if done.stdout or done.stderr else ""


def machine_line(options):
    tools = [version_of(command) for command in (
        ["gcc", "--version"], ["clang", "--version"], ["rustc", "--version"], ["go", "version"],
        ["swiftc", "--version"], ["perf", "--version"]) if shutil.which(command[0])]
    tools = [re.sub(r" \(https?://\S+ [0-9a-f]+\)", "", tool) for tool in tools]
    return (f"Kernel {os.uname().release}; {options.seconds:g} s per program and profiler; hearth at "
            f"{options.frequency} Hz, perf at {options.perf_frequency} Hz (`{options.perf_dwarf}` "
            f"copies the default 8 KiB of stack unless it says otherwise). {'; '.join(tools)}.")


def build_all(programs, jobs):
    missing = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for program, failure in zip(programs, pool.map(Program.build, programs)):
            if failure:
                missing[program.name] = failure
    for name, failure in missing.items():
        print(f"NOT BUILT {name}: {failure.strip()}", file=sys.stderr)
    return [program for program in programs if program.name not in missing], missing


def accuracy(options):
    programs = [program for program in corpus()
                if not options.filter or re.search(options.filter, program.name)]
    if options.verb == "list":
        print("\n".join(program.name for program in programs))
        return 0
    programs, missing = build_all(programs, options.jobs)
    if options.verb == "build":
        print(f"{len(programs)} programs in {SCRATCH}")
        return 1 if missing else 0
    width = max((len(program.name) for program in programs), default=0) + 8
    print(" " * width + "".join(f"  {name:^31}" for name in options.profilers))
    print(f"{'':{width}}" + f"  {'samples':>7} {'exact %':>7} {'root %':>7} {'undecl.':>7}"
          * len(options.profilers))

    def line(name, scores):
        row = cells(scores, options.profilers)
        print(f"{name:{width}}" + "".join(
            "  " + " ".join(f"{cell:>7}" for cell in row[index:index + 4])
            for index in range(0, len(row), 4)), flush=True)

    few, wanted = [], options.frequency * options.seconds / 2
    rows, sums = [], {profiler: Score() for profiler in options.profilers}
    with tempfile.TemporaryDirectory(prefix="hearth-accuracy-") as work:
        for program in programs:
            scores = measure(program, options, pathlib.Path(work))
            name = program.name + (" (apart)" if program.apart else "")
            rows.append((name, scores))
            line(name, scores)
            for profiler, score in scores.items():
                if not program.apart:
                    sums[profiler].add(score)
            # Each program keeps a CPU busy: shares of a handful of samples say nothing.
            if "hearth" in scores and scores["hearth"].samples < wanted:
                few.append(f"{program.name} ({scores['hearth'].samples})")
    line("sum", sums)
    if few:
        print(f"hearth delivered fewer than {wanted:.0f} samples of: {', '.join(few)}")
    if options.markdown:
        write_markdown(pathlib.Path(options.markdown), rows, sums, options)
    failed = bool(missing)
    ours = sums.get("hearth")
    if options.demand and ours:
        judged = ours.exact + ours.inexact
        failed |= bool(few) or ours.exact < 0.999 * judged or ours.rooted < 0.995 * ours.samples
    return 1 if failed else 0


# --- The whole machine ----------------------------------------------------------------------------

PYTHON = """
import json, re
while True:
    text = json.dumps([{"number": i, "text": "x" * (i % 50)} for i in range(2000)])
    sum(len(found) for found in re.findall(r"x+", text)); sorted(json.loads(text), key=str)
"""
NODE = """
while (true) {
  const text = JSON.stringify(Array.from({length: 3000}, (_, i) => ({i, s: 'x'.repeat(i % 50)})));
  JSON.parse(text).sort((a, b) => a.s.length - b.s.length);
  require('zlib').deflateSync(text); /(x+)+y/.test('x'.repeat(18));
}
"""
JAVA = """
import java.util.*;
public class Work {
    public static void main(String[] arguments) {
        long sum = 0;
        while (true) {
            Map<String, Integer> map = new TreeMap<>();
            for (int i = 0; i < 20000; i++) map.merge("k" + (i * 31 % 977), i, Integer::sum);
            sum += map.values().stream().mapToInt(Integer::intValue).sum();
        }
    }
}
"""
PERL = "while (1) { my %h; $h{$_ % 977} .= 'x' x ($_ % 9) for 1..20000; my $s = join ',', sort keys %h; $s =~ s/9+/y/g; }"
SHELL = "while :; do for i in 1 2 3 4 5 6 7 8; do n=$((n + i)); done; /bin/true; echo $n | sed s/1/2/ >/dev/null; done"
ARCHIVE = "while :; do tar cf - /usr/include 2>/dev/null | gzip -6 | md5sum; sort -R /etc/services; done >/dev/null"

PACKAGE = """// swift-tools-version:5.9
import PackageDescription
let package = Package(name: "Work", targets: [.executableTarget(name: "Work")])
"""
# No file of the process: code that was made while it ran.
GENERATED = re.compile(r"^(0x[0-9a-f]+|\[anon\S*|//anon\S*|\[(?:heap|stack).*|memfd:\S*)(\+0x[0-9a-f]+)?$")


def package(work):
    """A package for the Swift compiler, of enough code for it to be busy for a while."""
    folder = work / "package"
    (folder / "Sources" / "Work").mkdir(parents=True)
    (folder / "Package.swift").write_text(PACKAGE)
    for number in range(12):
        body = "\n".join(
            f"    func method{i}(_ a: [Int]) -> [String] {{ a.map {{ $0 &* {i} &+ value }}"
            f".filter {{ $0 % 3 == 0 }}.sorted(by: >).map {{ \"\\($0) of {i}\" }} }}"
            for i in range(60))
        (folder / "Sources" / "Work" / f"Type{number}.swift").write_text(
            f"struct Type{number}: Codable, Hashable {{\n    var value = {number}\n{body}\n}}\n")
    (folder / "Sources" / "Work" / "main.swift").write_text(
        "".join(f"print(Type{i}().method1([1, 2, 3]))\n" for i in range(12)))
    build = "while :; do rm -rf .build; swift build -c release >/dev/null 2>&1; done"
    return ["bash", "-c", f"cd '{folder}' && {build}"]


def machine(options):
    """Where the user stacks of a busy machine end."""
    with tempfile.TemporaryDirectory(prefix="hearth-machine-") as name:
        work = pathlib.Path(name)
        (work / "Work.java").write_text(JAVA)
        loads = {"python3": ["python3", "-c", PYTHON], "node": ["node", "-e", NODE],
                 "java": ["java", str(work / "Work.java")], "perl": ["perl", "-e", PERL],
                 "bash": ["bash", "-c", SHELL], "tar": ["bash", "-c", ARCHIVE],
                 "swift": package(work)}
        running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                    start_new_session=True)
                   for program, command in loads.items() if shutil.which(program)]
        absent = [program for program in loads if not shutil.which(program)]
        try:
            time.sleep(options.warm_up)
            output = work / "machine.folded"
            failure, said = run([options.binary, "record", "-a", "-F", str(options.frequency), "-d",
                                 str(options.seconds), "-o", str(output)], options.seconds + 120)
        finally:
            for process in running:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if failure:
            print(failure, file=sys.stderr)
            return 1
        print(said.splitlines()[-1] if said else "")
        return machine_table(output, absent, options)


def machine_table(output, absent, options):
    native, ended = collections.Counter(), collections.Counter()
    generated, generated_ended = collections.Counter(), collections.Counter()
    reasons, where = collections.Counter(), collections.Counter()
    dying = 0
    for line in output.read_text(errors="replace").splitlines():
        text, _, count = line.rpartition(" ")
        comm, *frames = text.split(";")
        frames = [frame for frame in frames if not frame.endswith("_[k]")]
        if not frames:
            continue
        count = int(count)
        reason = frames[0][6:-1] if frames[0].startswith("[cut: ") else ""
        if reason and DYING.search(text):
            dying += count
            continue
        frames = frames[1:] if reason else frames
        if any(GENERATED.match(frame) for frame in frames):
            generated[comm] += count
            generated_ended[comm] += 0 if reason else count
            continue
        native[comm] += count
        if not reason:
            ended[comm] += count
            continue
        reasons[reason] += count
        where[(comm, reason, ";".join(frames[:3]))] += count
    rows = [("sum", sum(native.values()), sum(ended.values()), sum(generated.values()),
             sum(generated_ended.values()))]
    rows += [(comm, native[comm], ended[comm], generated[comm], generated_ended[comm])
             for comm, _ in (native + generated).most_common(options.rows)]
    print(f"{'comm':16} {'native':>8} {'to root %':>9} {'generated':>10} {'to root %':>9}")
    for comm, count, good, other, other_good in rows:
        print(f"{comm:16} {count:8} {share(good, count):>9} {other:10} {share(other_good, other):>9}")
    print("\nnative stacks that do not end at the root, by reason")
    for reason, count in reasons.most_common():
        print(f"{count:8} {share(count, sum(native.values())):>6} % {reason}")
    for (comm, reason, frames), count in where.most_common(options.show_wrong):
        print(f"    {count:6} {comm}: {reason}: {frames}")
    print(f"\napart: {dying} cut stacks of processes in exec or exit, whose memory is already gone")
    if absent:
        print(f"\nnot installed, so not running: {', '.join(absent)}")
    good, whole = sum(ended.values()), sum(native.values())
    return 1 if options.demand and good < 0.99 * whole else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", nargs="?", default="run",
                        choices=["run", "build", "list", "machine"])
    parser.add_argument("--binary", default=str(ROOT / ".build" / "release" / "hearth"),
                        help="the hearth to measure")
    parser.add_argument("--filter", help="only programs whose name matches this expression")
    parser.add_argument("--seconds", type=float, help="of each run (default 2; machine: 30)")
    parser.add_argument("--frequency", type=int, default=997, help="hearth's samples per second")
    parser.add_argument("--perf-frequency", type=int, default=499)
    parser.add_argument("--perf-dwarf", default="dwarf",
                        help="perf's --call-graph; dwarf,65528 copies 64 KiB of stack")
    parser.add_argument("--profilers", default=",".join(PROFILERS),
                        help="comma-separated, of: " + ", ".join(PROFILERS)
                        + "; or gdb, which stops the program for some samples: a witness for what "
                        "no profiler gets right")
    parser.add_argument("--gdb-samples", type=int, default=15)
    parser.add_argument("--attach", action="store_true",
                        help="hearth record -p PID, in place of -- CMD, which samples from the start")
    parser.add_argument("--show-wrong", type=int, nargs="?", const=5, default=0, metavar="N",
                        help="print the N most frequent stacks that are not right")
    parser.add_argument("--markdown", metavar="FILE", help="write the table between FILE's markers")
    parser.add_argument("--demand", action="store_true",
                        help="fail below 99.9 %% exact, 99.5 %% to the root (machine: 99 %%), or half of "
                        "the samples that a busy CPU must give")
    parser.add_argument("--jobs", type=int, default=1, help="programs built at a time")
    parser.add_argument("--warm-up", type=float, default=10, help="machine: seconds before")
    parser.add_argument("--rows", type=int, default=30, help="machine: rows of the table")
    options = parser.parse_args()
    options.profilers = options.profilers.split(",")
    if set(options.profilers) - {*PROFILERS, WITNESS}:
        parser.error(f"--profilers: of {', '.join(PROFILERS)}")
    if options.seconds is None:
        options.seconds = 30 if options.verb == "machine" else 2
    if options.verb in ("run", "machine"):
        if os.geteuid() != 0:
            parser.error("needs root")
        if "hearth" in options.profilers and not os.access(options.binary, os.X_OK):
            parser.error(f"{options.binary}: no such program; `make build`, or --binary PATH")
    return machine(options) if options.verb == "machine" else accuracy(options)


if __name__ == "__main__":
    sys.exit(main())
