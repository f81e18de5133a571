import Foundation
import ProfileModel
import Testing

@testable import Symbolication

/// Names of several processes under one budget.
@Suite struct RuntimeCatalogTests {
    /// A process with a perf map of so many functions; both go with it.
    private final class Runtime {
        let process = Process()
        var number: UInt32 { UInt32(process.processIdentifier) }
        private var path: String { "/tmp/perf-\(number).map" }

        init(functions: Int) throws {
            process.executableURL = URL(filePath: "/bin/sleep")
            process.arguments = ["60"]
            try process.run()
            let lines = (0..<functions).map {
                "\(String(0x10_0000 + $0 * 16, radix: 16)) 10 function_of_\(number)_\($0)\n"
            }
            try lines.joined().write(toFile: path, atomically: true, encoding: .utf8)
        }

        deinit {
            process.terminate()
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    @Test func `forgets the process asked longest ago when all take too much`() throws {
        let runtimes = try (0..<4).map { _ in try Runtime(functions: 20_000) }
        var catalog = RuntimeCatalog(byteBudget: 5 << 20)
        for runtime in runtimes {
            let line = catalog.line(at: ProcessAddress(0x10_0028), process: runtime.number)
            #expect(line?.function.name == "function_of_\(runtime.number)_2")
        }
        let known = runtimes.map { catalog.isKnown($0.number) }
        #expect(known.last == true && known.first == false, "\(known)")
    }
}
