#!/usr/bin/env python3
"""Writes what the fuzz targets begin with: DIR/TARGET/NAME, made of files of this machine.

usage: fuzz-seeds.py DIR

A target without a function here begins with nothing, which works, but takes longer to get somewhere.
Layouts of inputs are what the targets' comments in Fuzzing/Targets say.
"""
import lzma
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zlib

# Where the targets that read call frames put the section, and code.
SECTION, CODE = 0x10_0000, 0x1_2000


class ELF:
    """Enough of an ELF64 file to take sections out of it."""

    def __init__(self, path):
        self.data = pathlib.Path(path).resolve().read_bytes()
        offset, = struct.unpack_from("<Q", self.data, 40)
        size, count, names = struct.unpack_from("<HHH", self.data, 58)
        self.headers = [struct.unpack_from("<IIQQQQIIQQ", self.data, offset + i * size)
                        for i in range(count)]
        self.names = self.part(self.headers[names])

    def part(self, header):
        return self.data[header[4]:header[4] + header[5]]

    def section(self, name):
        for header in self.headers:
            if self.names[header[0]:].split(b"\0", 1)[0] == name.encode():
                return self.part(header)
        return b""


def first(*patterns):
    """The first file that is there."""
    for pattern in patterns:
        for path in sorted(pathlib.Path("/").glob(pattern)):
            return path
    return None


LIBC = first("lib/x86_64-linux-gnu/libc.so.6", "usr/lib64/libc.so.6", "usr/lib/libc.so.6")


def uleb(value):
    out = b""
    while value > 0x7f:
        out, value = out + bytes([value & 0x7f | 0x80]), value >> 7
    return out + bytes([value])


# Call frames

def entries(section):
    at = 0
    while at + 4 < len(section):
        length, = struct.unpack_from("<I", section, at)
        if length == 0 or length > 0xffff:
            return
        yield at, section[at:at + 4 + length]
        at += 4 + length


def call_frames(path, limit=12):
    """The first frame descriptions of each kind of common information, moved to CODE; as `.eh_frame`."""
    section = ELF(path).section(".eh_frame")
    commons, out, address = {}, {}, CODE
    for at, entry in entries(section):
        reference, = struct.unpack_from("<I", entry, 4)
        if reference == 0:
            commons[at] = entry
            continue
        common = at + 4 - reference
        # pcrel | sdata4, which is all there is; expressions are worth more than plain rows.
        if b"R" not in commons[common][9:16] or b"\x1b" not in commons[common]:
            continue
        kind = out.setdefault(common, [])
        hasExpression = any(byte in entry[17:] for byte in (b"\x0f", b"\x10"))
        if len(kind) < (limit if hasExpression else limit // 2):
            kind.append(entry)
    for common, kind in out.items():
        bytes_ = commons[common]
        for entry in kind:
            at = len(bytes_)
            length, = struct.unpack_from("<I", entry, 12)
            bytes_ += entry[:4] + struct.pack("<Ii", at + 4, address - (SECTION + at + 8))
            bytes_ += entry[12:]
            address += (length + 15) & ~15
        yield bytes_[:6000]


PLAIN = [  # instructions of frame descriptions, in hex
    "0e10 8602 410d06 0a 0c0708 c6 0b",  # push and restore
    "440e10 8602 430d06 0209 0a 0e20 0b 0307 00 c6",
    "0f0b770880003f1a3b2a332422",  # a linkage stub
    "0f057710062308 100302 7608",
    "0c0708 0510 02 0710 0810 091006 0e20 2e10 130c 1403 02 150304 2f0301",
    "0f06770006237801 1006037700 160703770810",
    "0f0803012233445566 778890 2fffff 2800002fffff",
]


def debug_frame():
    common = struct.pack("<I", 0xffff_ffff) + bytes([4, 0, 8, 0, 1, 0x78, 16, 12, 7, 8, 0x90, 1])
    out = struct.pack("<I", len(common)) + common
    for index, text in enumerate(PLAIN):
        body = struct.pack("<IQQ", 0, CODE + index * 0x100, 0xc0) + bytes.fromhex(text)
        out += struct.pack("<I", len(body)) + body
    return out


def seeds_CallFrames():
    for path in filter(None, (pathlib.Path("/bin/true"), LIBC)):
        for section in call_frames(path):
            yield b"\0" + section
    yield b"\1" + debug_frame()


def seeds_UnwindRows():
    for path in filter(None, (pathlib.Path("/bin/true"), LIBC)):
        for flags, section in enumerate(call_frames(path)):
            head = struct.pack("<BBHH", flags & 3, 2, 0x2010, len(section))
            yield head + section
            yield head + section + debug_frame()
    yield struct.pack("<BBHH", 0, 0, 0x2010, 0) + debug_frame()


# Go

# asmcgocall of Go 1.22, from where it chooses the stack.
ASMCGOCALL = bytes.fromhex(
    "90" * 4 + "4883ec404883e4f048c7442430000000004889542428" + "4889df4889d8ffd0488b742428"
    + "4889f4c3")


def go_lines(magic):
    narrow = magic in (0xfffffff0, 0xfffffff1)
    functions = [("main.main", 0x100, [(1, 4), (32, 0x3c), (-32, 0x10)]),
                 ("runtime.systemstack", 0x100, [(0, 1), (8, 0x20), (-8, 4)]),
                 ("runtime.asmcgocall", 0x100, [(0, 0xf0)]),
                 ("runtime.cgocall", 0x100, [(0, 4), (56, 0x40)]),
                 ("runtime.sigreturn", 0x20, [(0, 9)]), ("runtime.goexit", 0x20, [(0, 2)])]
    names, deltas, table, details, start = b"\0", b"\0", b"", b"", 0 if narrow else 0x1_1000
    word = "<I" if narrow else "<Q"
    size = struct.calcsize(word)
    header = 16 if magic == 0xfffffffb else 72 if narrow else 64
    body = (2 * len(functions) + 1) * size
    base = header + body + 40 * len(functions) if magic == 0xfffffffb else 0
    for name, length, changes in functions:
        table += struct.pack(word, start)
        table += struct.pack(word, (header if base else 0) + body + len(details))
        detail = struct.pack(word, start) + struct.pack(
            "<I8xI", base * 2 + len(names), base + len(deltas))
        details += detail.ljust(40, b"\0")
        names += name.encode() + b"\0"
        for change, distance in changes:
            deltas += uleb((change << 1 ^ change >> 31) & 0xffff_ffff) + uleb(distance)
        deltas += b"\0"
        start += length
    table += struct.pack(word, start)
    head = struct.pack("<IHBBQ", magic, 0, 1, 8, len(functions))
    if base:  # Go 1.2: one piece, names last
        return head + table + details + deltas.ljust(base, b"\0") + names
    offset, places, parts = header, b"", [names, b"", b"", deltas, table + details]
    for part in parts:
        places += struct.pack("<Q", offset)
        offset += len(part)
    return head + bytes(8) + (struct.pack("<Q", 0x1_1000) if narrow else b"") + places + b"".join(parts)


GO_MAGICS = (0xfffffffb, 0xfffffffa, 0xfffffff0, 0xfffffff1)


def seeds_GoLines():
    for magic in GO_MAGICS:
        yield struct.pack("<BH", 0, len(ASMCGOCALL)) + ASMCGOCALL + go_lines(magic)


# ELF

def small_image(go, call_frames_):
    """One segment of code, and every section that something reads."""
    note = struct.pack("<III", 4, 20, 3) + b"GNU\0" + bytes(range(20))
    names = b"\0first\0second\0_third\0"
    symbols = bytes(24) + b"".join(
        struct.pack("<IBBHQQ", name, info, 0, 1, CODE + at, size)
        for name, info, at, size in ((1, 0x12, 0, 16), (7, 0x22, 32, 0), (14, 2, 32, 8), (15, 0, 64, 0)))
    relocations = struct.pack("<QQQ", CODE, 8, CODE)
    sections = [  # name, type, flags, bytes, link
        (".text", 1, 6, bytes(0x100), 0), (".note.gnu.build-id", 7, 2, note, 0),
        (".symtab", 2, 0, symbols, 4), (".strtab", 3, 0, names, 0),
        (".eh_frame", 1, 2, call_frames_, 0), (".debug_frame", 1, 0, debug_frame(), 0),
        (go, 1, 2, go_lines(0xfffffff1), 0), (".go.buildinfo", 1, 2, b"", 0),
        (".rela.dyn", 4, 2, relocations, 0)]
    strings, body, headers = b"\0", b"", bytes(64)
    start = 64 + 3 * 56
    for name, kind, flags, content, link in sections + [(".shstrtab", 3, 0, None, 0)]:
        place = len(strings)
        strings += name.encode() + b"\0"
        content = strings if content is None else content
        address = CODE if name == ".text" else SECTION
        headers += struct.pack("<IIQQQQIIQQ", place, kind, flags, address, start + len(body),
                               len(content), link, 0, 8, 24)
        body += content.ljust((len(content) + 7) & ~7, b"\0")
    segment = "<IIQQQQQQ"
    segments = struct.pack(segment, 1, 5, start, CODE, CODE, len(body), len(body), 4096)
    segments += struct.pack(segment, 4, 4, start + 0x100, 0, 0, len(note), len(note), 4)
    segments += struct.pack(segment, 0x6474e550, 4, start, 0, 0, 8, 8, 4)
    head = b"\x7fELF" + bytes([2, 1, 1]).ljust(12, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, CODE, 64, start + len(body), 0, 64, 56, 3, 64,
        len(sections) + 2, len(sections) + 1)
    return head + segments + body + headers


def seeds_ELFFiles():
    yield pathlib.Path("/bin/true").read_bytes()
    for section in list(call_frames("/bin/true"))[:2]:
        yield small_image(".gopclntab", section)
        yield small_image(".data.rel.ro", section[:64])


# Stack walks

def seeds_StackWalk():
    """A process in block 1 with one mapping; its directory in 16, rules in 18, rows in 0x111."""
    code, sp, length = 0x40_0000, 0x7fff_0000_0000, 256
    rules = [(0, 0, 0, 0, 0, 0, 0, 0, 0), (1, 0, 1, 0, 16, -16, 0, 0, -8), (2, 0, 2, 0, 16, 0, 0, 0, -8),
             (3, 3, 0, 0, 8, 0, -24, 0, -8), (4, 0, 0, 0, 8, 0, 0, 8, -8), (6, 0, 0, 0, 8, 0, 0, 11, -8),
             (7, 0, 0, 0, 0, 0, 0, 0, 0), (1, 0, 3, 1, 8, 0, 0, 0, 2), (9, 0, 0, 0, 0, 0, 0, 0, 0)]
    places = {
        0x10: struct.pack("<QQIIQ", 5, 1, 77, 1, 0)
        + struct.pack("<QQQIIQQ", code, code + 0x1_0000, 0, 16, 0, 0, 0),
        0x100: struct.pack("<IIII", 0, 1, 18, len(rules)) + struct.pack("<II", 0x111, len(rules)),
        0x120: b"".join(struct.pack("<BBBBihhhh", *rule) for rule in rules),
        0x1110: struct.pack(f"<{len(rules)}I", *(i << 4 | i << 16 for i in range(len(rules)))),
    }
    for rule in range(len(rules)):
        registers = [sp + 64 + i for i in range(17)]
        registers[6], registers[7], registers[16] = sp + 32, sp, code + rule * 16 + 4
        stack = b"".join(struct.pack("<QQ", sp + 48 + i * 16, code + 20 + i % 3 * 16)
                         for i in range(length // 16))
        out = struct.pack("<17QIH", *registers, 1 if rule else 0, length) + stack
        for at, content in places.items():
            for offset in range(0, len(content), 4):
                out += struct.pack("<I", (at + offset) // 4) + content[offset:offset + 4]
        yield out


# Records

def seeds_Records():
    trailer = struct.pack("<IIQII", 7, 7, 1_000_000, 1, 0)
    mapping = struct.pack("<IIQQQIIQQII", 7, 7, 0x40_0000, 0x1000, 0, 8, 1, 99, 1, 5, 2)
    for kind, flags, body in ((10, 2, mapping + b"/bin/true\0".ljust(16, b"\0")),
                              (3, 1 << 13, struct.pack("<II", 7, 8) + b"true".ljust(16, b"\0")),
                              (7, 0, struct.pack("<IIIIQ", 9, 7, 9, 7, 5)),
                              (4, 0, struct.pack("<IIIIQ", 9, 7, 9, 7, 5)),
                              (2, 0, struct.pack("<QQ", 1, 42))):
        record = struct.pack("<IHH", kind, flags, 8 + len(body) + len(trailer)) + body + trailer
        yield b"\0" + record
    for hasCopy in (0, 1):
        head = struct.pack("<6QIIIHHIIII16s", 1, 2, 3, 4, 1, 6, 7, 8, 0, 2, 3, 1, 1, hasCopy, 0, b"work")
        frames = struct.pack("<5Q", *range(0x40_0000, 0x40_0005))
        copy = frames[:16].ljust(128 * 8, b"\0") + struct.pack("<17QII", *range(17), 64, 0) + bytes(64)
        yield b"\1" + head + (copy if hasCopy else frames)


# Names

NAMES = """
_RNvC6_123foo3bar
_RNvCs1234_7mycrate3foo
_RNvXs_NtC7mycrate3modNtB4_6StructNtNtC4core3fmt5Debug3fmt
_RINvNtC3std3mem8align_ofNtNtC3std3mem12DiscriminantE
_RINvC7mycrate7genericFG_RL0_hEuKj1_KbA1_E
_RNCNvC7mycrate4main0
_RINvC1a1bDNtC1c1dp4Itemlp4OthermEL_KVE
_RYTNvC1a1bReQdPaOhEFUKCfEuNtC1c1T
_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE
memcpy@@GLIBC_2.14
_Z3foov.part.0
$sSS7cStringSSSPys4Int8VG_tcfC
_Z1fSt4pairIiiES_IS0_S0_ES_IS1_S1_ES_IS2_S2_ES_IS3_S3_E
_Z1fIJiiiiEEvDp1gIDp1gIT_T_ET_E
$s1m1fyyAA1PVyADyADyADyS2iGAEGAFGAGGF
"""


def compiled(*flags):
    """A small program with debug information."""
    source = ("static inline int twice(int x) { return x * 2; }\n"
              "int main(int c, char **v) { (void)v; return twice(c) + twice(c + 1); }\n")
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "program.o"
        done = subprocess.run(["gcc", "-x", "c", "-c", "-O2", *flags, "-", "-o", path],
                              input=source.encode(), stderr=subprocess.DEVNULL)
        return path.read_bytes() if done.returncode == 0 else b""


def seeds_DebugInformation():
    for version in ("-gdwarf-2", "-gdwarf-4", "-gdwarf-5"):
        yield compiled(version)
        yield compiled(version, "-fdebug-types-section")
    for kind in ("zlib", "zstd", "zlib-gnu"):
        yield compiled("-g", f"-gz={kind}")


def seeds_CompressedSections():
    text = b"what a section holds " * 50
    yield struct.pack("<IIQQ", 1, 0, len(text), 1) + zlib.compress(text)
    yield struct.pack("<IIQQ", 1, 0, 1 << 20, 1) + zlib.compress(bytes(1 << 20))
    yield b"ZLIB" + struct.pack(">Q", len(text)) + zlib.compress(text)
    yield lzma.compress(text)
    yield lzma.compress(bytes(4 << 20))


def seeds_SymbolTables():
    names = b"\0first\0second\0"
    header = struct.pack("<QIIIIQQQQQ", 0x31425459534d5248, 1, 1, 2, 0, 0x1000, len(names) + 1, 0, 0, 0)
    index = struct.pack("<6I", 0, 0x20, 0x10, 0x10, 1, 7)
    yield header + names + b"\0" + index


def seeds_Names():
    yield from (name.encode() for name in NAMES.split())
    libraries = (first("usr/lib/x86_64-linux-gnu/libstdc++.so.6", "usr/lib64/libstdc++.so.6"),
                 first("opt/swift/usr/lib/swift/linux/libswiftCore.so", "usr/lib/swift/linux/libswiftCore.so"))
    for path in filter(None, libraries):
        names = re.findall(rb"(?<=\0)(?:_Z|\$s)[^\0]{8,200}(?=\0)", ELF(path).section(".dynstr"))
        yield from names[::max(1, len(names) // 100)]


# Code of runtimes

SCRIPTS = ("JS:*parse /srv/my app/a.js:12:3", "JS:~get size file:///srv/m.mjs:5:6", "Script:~ node:fs:1",
           "LazyCompile:+'f a.js:1:2", "Builtin:ArrayMap", "JS:^", "int java.util.HashMap.hash(java.lang.Object)")


def seeds_PerfMaps():
    lines = [f"{0x1000 + i * 24:x} 20 {name}" for i, name in enumerate(SCRIPTS)]
    lines += [f"0x{0x1000 + i * 48:016x} 0x{32:016x} {name}" for i, name in enumerate(SCRIPTS)]
    for step in (0, 1, 7, 255):
        yield bytes([step]) + "\n".join(lines + ["1000 1"]).encode()
    yield b"\0" + b"".join(b"%x %x f%d\n" % (4096 + i * 7 % 200, 1 + i % 9, i) for i in range(200))
    yield b"\0" + b"1000 10 " + b"n" * 17000 + b"\n1008 10 next\n"


def dump_record(kind, body, time=5):
    return struct.pack("<IIQ", kind, 16 + len(body), time) + body


def dump_load(address, name, index, size=32):
    return dump_record(0, struct.pack("<IIQQQQ", 7, 7, address, address, size, index) + name.encode()
                       + b"\0" + b"\x90" * 8)


def dump_rows(address, rows):
    out = struct.pack("<QQ", address, len(rows))
    for place, line, file in rows:
        out += struct.pack("<QII", place, line, 0) + file + b"\0"
    return dump_record(2, out)


def seeds_JITDumps():
    head = struct.pack("<IIIIIIQQ", 0x4a695444, 1, 40, 62, 0, 7, 1, 0)
    body = b""
    for index, name in enumerate(SCRIPTS):
        address = 0x1000 + index * 24
        body += dump_rows(address, [(address + 64, 3, b"/srv/a.c"), (address + 68, 4, b"\xff"),
                                    (address + 4, 9, b"/srv/b.h")])
        body += dump_load(address, name, index)
    body += dump_record(1, struct.pack("<IIQQQQQ", 7, 7, 0x3000, 0x1000, 0x3000, 32, 0))
    body += dump_record(4, bytes(24)) + dump_record(3, b"")
    for step in (0, 1, 13, 255):
        yield bytes([step]) + head + body
    yield b"\0" + head + b"".join(dump_load(4096 + i * 7 % 200, f"f{i}", i, 1 + i % 9) for i in range(200))


# What requests say

SELECTORS = r"""
process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="nginx",host!="a",zone=~"a|b.*",x!~`[0-9]+`}
{__profile_type__="memory:alloc_space:bytes:space:bytes"}
{"process_cpu:cpu:nanoseconds:cpu:nanoseconds", "a b"='c\n\x41\u00e9\U0001f525', k8s.pod="x"}
{a=
""".strip().splitlines()
PATTERNS = [r"a|b.*", r"(?i:ngin[^x-z]{2,5})+?", r"^\d+\.\pL*$", r"[[:alpha:]_]\w*(?P<n>x)\Q.*\E", "(a*)*b\n" + "a" * 64]
TIMES = ["now-1h30min", "20260131", "1700000000000", "-1y", "foo-9223372036854775807s", "now + 1_000 d"]
APPLICATIONS = ["app.cpu", "my.app", "a.b.alloc_space", ".cpu", "x.", "web.wall{a=\"b\"}"]


def seeds_Queries():
    for kind, texts in enumerate((SELECTORS, PATTERNS, TIMES, APPLICATIONS)):
        yield from (bytes([kind]) + text.encode() for text in texts)


def main():
    root = pathlib.Path(sys.argv[1])
    for name, make in globals().copy().items():
        if not name.startswith("seeds_"):
            continue
        folder = root / name.removeprefix("seeds_")
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(make()):
            (folder / f"{number:03}").write_bytes(seed)


main()
