#!/usr/bin/env python3
"""Compares each target's `import` lines with what its layer and Package.swift allow.

A target may import what it declares as a direct dependency in Package.swift, and every dependency
must stand in a lower layer or be a listed neighbour in the same one. The compiler's own check lets
transitive imports through, so this one reads the lines.
"""
import json
import pathlib
import re
import subprocess
import sys

LAYERS = [
    ["ByteReading", "CSampleABI", "CStackWalk", "CLibbpf", "CLinuxShims", "CDemangling", "CZlib",
     "CZstd"],
    ["ProfileModel", "LinuxSystem", "BPFRuntime"],
    ["ELFImage", "DWARFDebugInfo", "Unwinding", "Pprof", "PyroscopeAPI", "Demangling",
     "FlameGraph"],
    ["Sampling", "ProcessTracking", "Identity", "ImageFiles", "UnwindTables", "Symbolication",
     "Aggregation", "ProfileStore", "RecentSamples", "ProfileQuery"],
    ["WebPage", "HTTPSurface", "HearthAgent", "HearthCommands"],
    ["hearth"],
]
# No Foundation and no NIO here (DESIGN §9). Generated messages have Foundation's Data for `bytes`.
BARE = set(LAYERS[0] + LAYERS[1] + LAYERS[2]
           + ["Sampling", "ProcessTracking", "ImageFiles", "UnwindTables", "Symbolication",
              "Aggregation", "RecentSamples"]) - {"PyroscopeAPI"}
HEAVY = re.compile(r"^(Foundation\w*|NIO\w*|Hummingbird\w*|AsyncHTTPClient|ServiceLifecycle)$")
# Part of the toolchain: need no declaration.
TOOLCHAIN = {"Swift", "Glibc", "Synchronization", "Foundation", "FoundationEssentials", "Dispatch",
             "Testing", "SQLite3"}
# Modules that a declared product brings along under another name.
PRODUCTS = {"GRDB": {"GRDB", "GRDBSQLite"}, "Hummingbird": {"Hummingbird", "HummingbirdCore", "HTTPTypes"}}
IMPORT = re.compile(
    r"^(?:@\w+(?:\([^)]*\))?\s+)*(?:public |package |internal |fileprivate |private )?import "
    r"(?:(?:struct|class|enum|func|var|let|protocol|typealias) )?(\w+)", re.M)

root = pathlib.Path(__file__).resolve().parent.parent
rank = {name: level for level, names in enumerate(LAYERS) for name in names}


def dependencies(target):
    names = set()
    for entry in target["dependencies"]:
        name = (entry.get("byName") or entry.get("target") or entry.get("product"))[0]
        names.add(name)
    return names


def main():
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=root, check=True,
                          capture_output=True, text=True).stdout
    problems = []
    for target in json.loads(dump)["targets"]:
        name, kind = target["name"], target["type"]
        if kind in ("plugin", "system"):
            continue
        declared = dependencies(target)
        if kind != "test":
            if name not in rank:
                problems.append(f"{name}: not in a layer of scripts/check-layers.py")
                continue
            for other in declared & rank.keys():
                if rank[other] > rank[name]:
                    problems.append(f"{name} (L{rank[name]}) depends on {other} (L{rank[other]})")
        allowed = declared | TOOLCHAIN | {name}
        for product in declared:
            allowed |= PRODUCTS.get(product, set())
        folder = root / (target.get("path") or ("Tests" if kind == "test" else "Sources") + "/" + name)
        for path in sorted(folder.rglob("*.swift")):
            for module in IMPORT.findall(path.read_text()):
                place = f"{path.relative_to(root)}: import {module}"
                if module not in allowed:
                    problems.append(f"{place}: not a direct dependency of {name}")
                if name in BARE and HEAVY.match(module):
                    problems.append(f"{place}: {name} keeps free of it")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


sys.exit(main())
