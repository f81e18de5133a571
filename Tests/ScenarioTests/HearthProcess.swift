import Foundation
import Testing

/// The built `hearth` program, run as an operator would.
struct HearthProcess {
    let process: Process
    let output: Pipe

    /// `.build/debug/hearth`, beside the test bundle.
    static var executable: URL {
        // …/debug/hearthPackageTests.xctest is what runs; the product lies next to it.
        let bundle = URL(filePath: CommandLine.arguments[0])
        var directory = bundle.deletingLastPathComponent()
        while directory.path != "/" {
            let candidate = directory.appending(path: "hearth")
            if FileManager.default.isExecutableFile(atPath: candidate.path),
                !candidate.hasDirectoryPath
            {
                return candidate
            }
            directory.deleteLastPathComponent()
        }
        return URL(filePath: ".build/debug/hearth")
    }

    /// Starts without waiting.
    static func start(_ arguments: [String], prefix: [String] = []) throws -> HearthProcess {
        let process = Process()
        let command = prefix + [executable.path] + arguments
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return HearthProcess(process: process, output: output)
    }

    /// Runs to the end and returns the exit code and everything printed.
    static func run(
        _ arguments: [String], prefix: [String] = []
    ) throws -> (code: Int32, text: String) {
        let started = try start(arguments, prefix: prefix)
        let data = started.output.fileHandleForReading.readDataToEndOfFile()
        started.process.waitUntilExit()
        return (started.process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// Runs any program to its end.
func shell(_ command: String) throws -> (code: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", command]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

/// A directory of this test's own, removed with it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hearth-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Compiles a program of `Tests/Programs`. Tests run beside each other: one that looks at the whole
/// machine needs a program of a name of its own.
func compile(
    _ source: String, flags: String, into directory: String, name: String? = nil
) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let input = root.appending(path: "Programs/\(source)").path
    let output = directory + "/" + (name ?? String(source.prefix { $0 != "." }))
    let result = try shell("gcc \(flags) \(input) -o \(output)")
    try #require(result.code == 0, "\(result.text)")
    return output
}
