import Foundation
import Pprof
import ProfileModel
import Testing

@Suite struct PprofEncoderTests {
    private static let period: Int64 = 10_309_278

    private func sampleProfile() -> MergedProfile {
        var table = StackTable()
        let leaf = table.intern(
            Location(
                named: [
                    Line(
                        function: Function(name: "inlined", systemName: "_Z7inlinedv", file: "a.c"),
                        number: 7),
                    Line(function: Function(name: "work", systemName: "_Z4workv")),
                ], kind: .native, module: "program", buildID: BuildID([0xab, 0xcd])))
        let main = table.intern(
            Location(
                named: [Line(function: Function(name: "main"))], kind: .native, module: "program",
                buildID: BuildID([0xab, 0xcd])))
        let kernel = table.intern(
            Location(
                named: [Line(function: Function(name: "vfs_read"))], kind: .kernel,
                module: "vmlinux"))
        let unnamed = table.intern(
            Location(unnamed: ImageAddress(0x1234), kind: .native, module: "libx.so"))
        let first = table.intern(stack: [leaf, main])
        let second = table.intern(stack: [kernel, unnamed, main])
        return MergedProfile(
            type: .cpu,
            range: TimeRange(Timestamp(milliseconds: 1_000), Timestamp(milliseconds: 11_000)),
            period: Self.period, table: table,
            values: [
                StackValue(stack: first, value: 3 * Self.period),
                StackValue(stack: second, value: 2 * Self.period),
            ])
    }

    @Test func `an independent reader finds every field`() {
        let message = ProtobufMessage(PprofEncoder.message(sampleProfile()))
        let strings = (message.payloads[6] ?? []).map { String(decoding: $0, as: UTF8.self) }
        #expect(strings.first == "")
        func text(_ index: UInt64) -> String { strings[Int(index)] }
        let types = message.messages(1).map { "\(text($0.number(1)))/\(text($0.number(2)))" }
        #expect(types == ["samples/count", "cpu/nanoseconds"])
        let periodType = message.messages(11)[0]
        #expect(text(periodType.number(1)) == "cpu")
        #expect(message.number(12) == UInt64(Self.period))
        #expect(message.number(9) == 1_000_000_000)
        #expect(message.number(10) == 10_000_000_000)
        #expect(
            message.messages(2).map { $0.list(2) } == [
                [3, UInt64(3 * Self.period)], [2, UInt64(2 * Self.period)],
            ])
        var functions: [UInt64: String] = [:]
        for function in message.messages(5) {
            functions[function.number(1)] =
                "\(text(function.number(2)))|\(text(function.number(3)))|\(text(function.number(4)))"
        }
        var locations: [UInt64: [String]] = [:]
        var mappingOf: [UInt64: UInt64] = [:]
        for location in message.messages(4) {
            locations[location.number(1)] = location.messages(4).map {
                "\(functions[$0.number(1)] ?? "?"):\($0.number(2))"
            }
            mappingOf[location.number(1)] = location.number(2)
        }
        let stacks = message.messages(2).map { $0.list(1).map { locations[$0] ?? [] } }
        #expect(
            stacks[0] == [["inlined|_Z7inlinedv|a.c:7", "work|_Z4workv|:0"], ["main|main|:0"]])
        #expect(stacks[1][0] == ["vfs_read|vfs_read|:0"])
        let mappings = message.messages(3)
        let files = Dictionary(
            uniqueKeysWithValues: mappings.map {
                ($0.number(1), "\(text($0.number(5))) \(text($0.number(6)))")
            })
        #expect(Set(files.values).contains("program abcd"))
        #expect(mappingOf.values.allSatisfy { files[$0] != nil })
    }

    @Test func `go tool pprof reads the same numbers`() throws {
        let file = NSTemporaryDirectory() + "hearth-\(UUID().uuidString).pb.gz"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let bytes = try PprofEncoder.encode(sampleProfile())
        #expect(bytes.prefix(2) == [0x1f, 0x8b])
        try Data(bytes).write(to: URL(filePath: file))
        let raw = try run("go tool pprof -raw \(file)")
        #expect(raw.contains("PeriodType: cpu nanoseconds"))
        #expect(raw.contains("Period: \(Self.period)"))
        #expect(raw.contains("samples/count cpu/nanoseconds"))
        let top = try run("go tool pprof -top -unit=ms \(file)")
        let line = top.split(separator: "\n").first { $0.contains("inlined") }
        #expect(line?.contains("30.93ms") == true, "\(top)")
        let kernel = top.split(separator: "\n").first { $0.contains("vfs_read") }
        #expect(kernel?.contains("20.62ms") == true, "\(top)")
    }

    @Test func `an empty profile opens, too`() throws {
        let file = NSTemporaryDirectory() + "hearth-\(UUID().uuidString).pb.gz"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let empty = MergedProfile(
            type: .cpu, range: nil, period: Self.period, table: StackTable(), values: [])
        try Data(try PprofEncoder.encode(empty)).write(to: URL(filePath: file))
        #expect(try run("go tool pprof -raw \(file)").contains("PeriodType: cpu nanoseconds"))
    }

    @Test func `writes the largest values`() {
        var table = StackTable()
        let stack = table.intern(stack: [])
        let message = ProtobufMessage(
            PprofEncoder.message(
                MergedProfile(
                    type: .cpu, range: nil, period: 1, table: table,
                    values: [StackValue(stack: stack, value: .max)])))
        #expect(message.messages(2).first?.list(2).last == UInt64(Int64.max))
    }

    private func run(_ command: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", command + " 2>&1"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
