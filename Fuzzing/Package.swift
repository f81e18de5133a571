// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that no build or test of the program meets instrumented modules, and none
// of these targets needs the program's dependencies. `Sources` and `bpf` are links to the program's.
// `make fuzz` builds and runs everything in `targets` below.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]
/// Counts which edges ran, for the fuzzer to see what is new; tells tests what is internal.
let instrumented: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])]

/// A module of the program; `sources` where only some of its files can be compiled here.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], sources: [String]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, sources: sources,
        swiftSettings: strict + instrumented)
}

/// A fuzz target: `Targets/NAME.swift`, and its seeds in `scripts/fuzz-seeds.py`.
func fuzz(
    _ name: String, _ dependencies: [Target.Dependency], linkerSettings: [LinkerSetting] = []
) -> Target {
    .executableTarget(
        name: "Fuzz\(name)", dependencies: ["Driver"] + dependencies, path: "Targets",
        sources: ["\(name).swift"], swiftSettings: strict + instrumented,
        linkerSettings: linkerSettings)
}

let targets = [
    fuzz("CallFrames", ["ByteReading", "ProfileModel", "Unwinding"]),
    fuzz("UnwindRows", ["ByteReading", "Checks", "ProfileModel", "Unwinding"]),
    fuzz("GoLines", ["ByteReading", "Checks", "ProfileModel", "Unwinding"]),
    fuzz(
        "ELFFiles",
        [
            "Checks", "ELFImage", "ImageFiles", "LinuxSystem", "ProfileModel", "Symbolication",
            "UnwindTables", "Unwinding",
        ]),
    fuzz(
        "StackWalk", ["ByteReading", "CSampleABI", "CStackWalk"],
        linkerSettings: [.unsafeFlags(["-sanitize=address"])]),
    fuzz("Records", ["ByteReading", "CSampleABI", "ProcessTracking", "ProfileModel", "Sampling"]),
    fuzz("Names", ["Demangling"]),
    fuzz(
        "DebugInformation",
        ["ELFImage", "ImageFiles", "LinuxSystem", "ProfileModel", "Symbolication"]),
    fuzz("CompressedSections", ["ImageFiles"]),
    fuzz("SymbolTables", ["LinuxSystem", "ProfileModel", "Symbolication"]),
    fuzz("PerfMaps", ["ByteReading", "ProfileModel", "Symbolication"]),
    fuzz("JITDumps", ["ByteReading", "ProfileModel", "Symbolication"]),
    fuzz("Queries", ["ByteReading", "ProfileModel", "ProfileQuery", "ProfileStore"]),
]

let package = Package(
    name: "hearth-fuzzing",
    targets: targets + [
        .target(name: "CFuzzer", path: "CFuzzer"),
        .target(
            name: "Driver", dependencies: ["CFuzzer"], path: "Driver", swiftSettings: strict),
        // What several targets hold results against.
        .target(
            name: "Checks", dependencies: ["CSampleABI", "ProfileModel", "Unwinding"],
            path: "Checks", swiftSettings: strict),

        .target(name: "CSampleABI", path: "bpf/abi", publicHeadersPath: "."),
        .target(
            name: "CStackWalk", dependencies: ["CSampleABI"], path: "bpf/host",
            cSettings: [
                .unsafeFlags([
                    "-fsanitize=fuzzer-no-link,address,undefined", "-fno-sanitize=alignment",
                    "-fsanitize-trap=undefined",
                ])
            ]),
        .target(name: "CLinuxShims"),
        .target(name: "CDemangling"),
        module("ByteReading"),
        module("ProfileModel", ["CSampleABI"]),
        module("LinuxSystem", ["ByteReading", "CLinuxShims", "ProfileModel"]),
        module("ELFImage", ["ByteReading", "ProfileModel"]),
        module("Unwinding", ["ByteReading", "CSampleABI", "ProfileModel"]),
        module("Demangling", ["CDemangling"]),
        // Without what loads BPF programs.
        module(
            "Sampling", ["ByteReading", "CSampleABI", "ProfileModel"],
            sources: ["SampleDecoder.swift"]),
        module("ProcessTracking", ["ByteReading", "LinuxSystem", "ProfileModel"]),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CZstd"),
        .systemLibrary(name: "CLzma"),
        module("DWARFDebugInfo", ["ProfileModel"]),
        module(
            "ImageFiles",
            [
                "ByteReading", "CLinuxShims", "CLzma", "CZlib", "CZstd", "ELFImage", "LinuxSystem",
                "ProfileModel", "Unwinding",
            ]),
        module(
            "UnwindTables", ["ByteReading", "ELFImage", "ImageFiles", "ProfileModel", "Unwinding"],
            sources: ["ImageFile+UnwindTable.swift"]),
        module(
            "Symbolication",
            [
                "ByteReading", "DWARFDebugInfo", "Demangling", "ELFImage", "ImageFiles",
                "LinuxSystem", "ProfileModel", "Unwinding",
            ]),
        // Without what needs SQLite.
        module(
            "ProfileStore", ["ProfileModel"],
            sources: [
                "CharacterClass.swift", "LabelMatcher.swift", "LabelPattern.swift",
                "LabelSelection.swift", "PatternNode.swift", "PatternParser.swift",
                "PatternProgram.swift", "StoreError.swift",
            ]),
        module(
            "ProfileQuery", ["ProfileModel", "ProfileStore"],
            sources: [
                "ApplicationName.swift", "QueryError.swift", "Selector.swift",
                "SelectorParser.swift", "TimeExpression.swift",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
