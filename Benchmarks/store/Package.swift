// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what it measures is `package` to the program, so its modules are compiled here
// again, through the links `Sources` and `bpf`. `Benchmarks/store/run.sh` builds and runs it.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: name, swiftSettings: strict)
}

let package = Package(
    name: "hearth-store-benchmarks",
    dependencies: [.package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")],
    targets: [
        .target(name: "CSampleABI", path: "bpf/abi", publicHeadersPath: "."),
        .systemLibrary(name: "CZstd"),
        module("ByteReading"),
        module("ProfileModel", ["CSampleABI"]),
        module("FlameGraph", ["ProfileModel"]),
        module(
            "ProfileStore",
            [
                "ByteReading", "CZstd", "ProfileModel",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(name: "CLinuxShims"),
        module("LinuxSystem", ["ByteReading", "CLinuxShims", "ProfileModel"]),
        module("RecentSamples", ["ByteReading", "LinuxSystem", "ProfileModel", "ProfileStore"]),
        module("ProfileQuery", ["FlameGraph", "ProfileModel", "ProfileStore", "RecentSamples"]),
        // Profiles that look like a fleet's.
        .target(
            name: "Fleet", dependencies: ["ProfileModel"], path: "Fleet", swiftSettings: strict),
        program(
            "StoreBenchmark",
            ["Fleet", "FlameGraph", "ProfileModel", "ProfileQuery", "ProfileStore"]),
        program("StoreCrash", ["Fleet", "ProfileModel", "ProfileStore"]),
    ],
    swiftLanguageModes: [.v6]
)
