// swift-tools-version: 6.2
import PackageDescription

// Layers as docs/ARCHITECTURE.md draws them; scripts/check-layers.py holds imports to this file.
// A target may use what stands in a lower layer, and the neighbours it lists here.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

/// `isHot`: optimised in debug builds too. Reading a compiler's symbols or unwind tables takes seconds
/// otherwise, and tests would meet a daemon that nobody runs.
func layer(
    _ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = [],
    isHot: Bool = false
) -> Target {
    let optimised: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
    return .target(
        name: name, dependencies: dependencies, swiftSettings: strict + (isHot ? optimised : []),
        plugins: plugins)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(
    name: "AsyncHTTPClient", package: "async-http-client")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(
    name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "hearth",
    products: [.executable(name: "hearth", targets: ["hearth"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // L0: bytes
        .target(name: "CSampleABI", path: "bpf/abi", publicHeadersPath: "."),
        .target(
            name: "CStackWalk", dependencies: ["CSampleABI"], path: "bpf/host",
            cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
        .target(name: "CLinuxShims"),
        .target(name: "CDemangling"),
        .systemLibrary(name: "CLibbpf", providers: [.apt(["libbpf-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLzma", providers: [.apt(["liblzma-dev"])]),
        layer("ByteReading", isHot: true),

        // L1: foundation
        layer("ProfileModel", ["CSampleABI"], isHot: true),
        layer("LinuxSystem", ["ByteReading", "CLinuxShims", "ProfileModel"]),
        layer("BPFRuntime", ["CLibbpf"]),

        // L2: formats
        layer("ELFImage", ["ByteReading", "ProfileModel"], isHot: true),
        layer("DWARFDebugInfo", ["ProfileModel"], isHot: true),
        layer(
            "Unwinding", ["ByteReading", "CSampleABI", "ProfileModel"], isHot: true),
        layer("Demangling", ["CDemangling"], isHot: true),
        layer("Pprof", ["CZlib", "ProfileModel"]),
        layer("FlameGraph", ["ProfileModel"]),
        // Generated (`make protos`); the .proto files lie beside the Swift.
        .target(
            name: "PyroscopeAPI", dependencies: [swiftProtobuf], exclude: ["proto"],
            swiftSettings: [.treatAllWarnings(as: .error)]),

        // L3: services
        layer(
            "Sampling",
            ["BPFRuntime", "ByteReading", "CSampleABI", "LinuxSystem", "ProfileModel"],
            plugins: ["EmbedBPF"]),
        layer("ProcessTracking", ["ByteReading", "LinuxSystem", "ProfileModel"]),
        layer("Identity", ["LinuxSystem", "ProfileModel"]),
        layer(
            "ImageFiles",
            [
                "ByteReading", "CLinuxShims", "CLzma", "CZlib", "CZstd", "ELFImage", "LinuxSystem",
                "ProfileModel", "Unwinding",
            ], isHot: true),
        layer(
            "UnwindTables",
            [
                "BPFRuntime", "ByteReading", "CSampleABI", "CStackWalk", "ELFImage", "ImageFiles",
                "LinuxSystem",
                "ProcessTracking", "ProfileModel", "Unwinding",
            ], isHot: true),
        layer(
            "Symbolication",
            [
                "ByteReading", "DWARFDebugInfo", "Demangling", "ELFImage", "ImageFiles",
                "LinuxSystem", "ProfileModel", "Unwinding",
            ], isHot: true),
        layer(
            "Aggregation",
            ["Identity", "LinuxSystem", "ProcessTracking", "ProfileModel", "Symbolication"]),
        layer("ProfileStore", ["ByteReading", "CZstd", "ProfileModel", grdb], isHot: true),
        layer(
            "RecentSamples", ["ByteReading", "LinuxSystem", "ProfileModel", "ProfileStore"],
            isHot: true),
        layer("ProfileQuery", ["FlameGraph", "ProfileModel", "ProfileStore", "RecentSamples"]),

        // L4: compositions
        layer("WebPage", ["ByteReading"], plugins: ["EmbedPage"]),
        layer(
            "HTTPSurface",
            [
                "FlameGraph", "Pprof", "ProfileModel", "ProfileQuery", "ProfileStore",
                "PyroscopeAPI", "RecentSamples", "WebPage", httpTypes, hummingbird, logging,
                nioCore,
                serviceLifecycle, swiftProtobuf,
            ]),
        layer(
            "HearthAgent",
            [
                "Aggregation", "BPFRuntime", "Demangling", "HTTPSurface", "Identity", "ImageFiles",
                "LinuxSystem", "ProcessTracking", "ProfileModel", "ProfileQuery", "ProfileStore",
                "RecentSamples", "Sampling",
                "Symbolication", "UnwindTables", asyncHTTPClient, logging, nioCore, nioHTTP1,
                serviceLifecycle, unixSignals, yams,
            ]),
        layer(
            "HearthCommands",
            [
                "Aggregation", "FlameGraph", "HearthAgent", "LinuxSystem", "Pprof",
                "ProcessTracking", "ProfileModel", "ProfileQuery", "ProfileStore", "Sampling",
                "Symbolication", argumentParser,
                asyncHTTPClient, nioCore, nioHTTP1, unixSignals,
            ]),

        // L5: executable
        .executableTarget(
            name: "hearth", dependencies: ["HearthCommands", argumentParser], swiftSettings: strict),

        tests("ByteReading"),
        tests("ProfileModel"),
        tests("LinuxSystem", ["ProfileModel"]),
        tests("ELFImage", ["ProfileModel"]),
        tests("DWARFDebugInfo", ["ELFImage", "ProfileModel"]),
        tests("Unwinding", ["CSampleABI", "ELFImage", "ProfileModel"]),
        tests(
            "UnwindTables", ["CSampleABI", "LinuxSystem", "ProcessTracking", "ProfileModel"]),
        tests("Demangling"),
        tests("Pprof", ["ProfileModel"]),
        tests("FlameGraph", ["ProfileModel"]),
        tests("Symbolication", ["ELFImage", "ImageFiles", "LinuxSystem", "ProfileModel"]),
        tests("Aggregation", ["ProcessTracking", "ProfileModel", "Symbolication"]),
        tests("Sampling", ["CSampleABI", "LinuxSystem", "ProfileModel"]),
        tests("ProcessTracking", ["ByteReading", "LinuxSystem", "ProfileModel"]),
        tests("Identity", ["ProfileModel"]),
        tests("ProfileStore", ["ByteReading", "ProfileModel"]),
        tests("RecentSamples", ["LinuxSystem", "ProfileModel", "ProfileStore"]),
        tests("ProfileQuery", ["ProfileModel", "ProfileStore", "RecentSamples"]),
        tests("WebPage"),
        tests(
            "HTTPSurface",
            [
                "FlameGraph", "Pprof", "ProfileModel", "ProfileQuery", "ProfileStore",
                "PyroscopeAPI", "RecentSamples", httpTypes, hummingbird, hummingbirdTesting,
                logging, nioCore, serviceLifecycle, swiftProtobuf,
            ]),
        tests(
            "HearthAgent",
            [
                "Aggregation", "LinuxSystem", "ProcessTracking", "ProfileModel", "Sampling",
                logging,
            ]),
        tests("HearthCommands", ["FlameGraph", "LinuxSystem", "ProcessTracking", "ProfileModel"]),
        .testTarget(
            name: "ScenarioTests",
            dependencies: ["hearth", asyncHTTPClient, nioCore, nioHTTP1], swiftSettings: strict),

        .plugin(name: "EmbedBPF", capability: .buildTool()),
        .plugin(name: "EmbedPage", capability: .buildTool()),
    ],
    swiftLanguageModes: [.v6]
)
