import Glibc
import ProfileModel
import Testing

@testable import Unwinding

/// The machine against binutils: every row of every frame description of libraries found here.
@Suite struct OracleTests {
    private static let candidates: [String] = [
        "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6",
        "/lib/x86_64-linux-gnu/libstdc++.so.6", "/lib/x86_64-linux-gnu/libcrypto.so.3",
        "/lib/x86_64-linux-gnu/libgcrypt.so.20", "/usr/bin/python3",
    ]
    static let images = candidates.filter { access($0, R_OK) == 0 }

    /// What both say of one range of code.
    struct Row: Hashable {
        var location: UInt64
        var cfa: String
        var framePointer: String
        var returnAddress: String
    }

    @Test(.enabled(if: access("/usr/bin/readelf", X_OK) == 0), arguments: images)
    func `rows equal those of readelf`(path: String) throws {
        let expected = Self.readelfRows(path)
        let found = try Self.rows(path)
        #expect(expected.count == found.count)
        let differences = zip(expected, found).filter { $0 != $1 }
        #expect(differences.isEmpty, "\(differences.count), as \(differences.first as Any)")
    }

    private static func rows(_ path: String) throws -> [Row] {
        let file = try #require(ImageFile(path))
        let (bytes, address) = file.section(".eh_frame")
        let section = CallFrameSection(
            .ehFrame, bytes: bytes.span.bytes, address: address.value)
        let index = CallFrameIndex(section)
        #expect(index.malformed == 0)
        var rows: [Row] = []
        var machine = CallFrameMachine()
        for description in index.descriptions {
            let common = index.commons[Int(description.common)]
            try machine.run(description, common, in: section) { start, _, rules in
                rows.append(
                    Row(
                        location: start, cfa: text(rules.cfa),
                        framePointer: text(rules.framePointer),
                        returnAddress: text(rules.returnAddress)))
            }
        }
        return rows
    }

    private static let names = [
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12",
        "r13", "r14", "r15", "ra",
    ]

    private static func text(_ rule: CFARule) -> String {
        switch rule {
        case .undefined: "none"
        case .register(let register, let offset):
            names[Int(register)] + (offset < 0 ? "" : "+") + String(offset)
        case .expression: "exp"
        }
    }

    private static func text(_ rule: RegisterRule) -> String {
        switch rule {
        case .unspecified, .undefined: "u"
        case .sameValue: "s"
        case .offset(let offset): "c" + (offset < 0 ? "" : "+") + String(offset)
        case .valueOffset(let offset): "v" + (offset < 0 ? "" : "+") + String(offset)
        case .register(let register): "r\(register)"
        case .expression: "exp"
        case .valueExpression: "vexp"
        }
    }

    /// Sorted as ours are. Of rows with one location the last holds. readelf prints no row for a
    /// description without instructions: it has that of its common information.
    private static func readelfRows(_ path: String) -> [Row] {
        var descriptions: [(start: UInt64, rows: [Row])] = []
        var commons: [Substring: Row] = [:]
        var common: Substring?
        var columns: [Substring] = []
        forEachLine(of: "readelf --debug-dump=frames-interp \(path) 2>/dev/null") { line in
            let words = line.split { $0 == " " || $0 == "\n" }.filter { !$0.hasPrefix("(") }
            if words.count > 5, words[3] == "FDE" {
                let start = UInt64(words[5].dropFirst(3).prefix { $0 != "." }, radix: 16) ?? 0
                common = nil
                var row = commons[words[4].dropFirst(4)]
                row?.location = start
                descriptions.append((start, row.map { [$0] } ?? []))
            } else if words.count > 3, words[3] == "CIE" {
                common = words[0]
            } else if words.first == "LOC" {
                columns = words
            } else if let row = row(words, columns) {
                if let common {
                    commons[common] = row
                } else if let last = descriptions.indices.last {
                    if descriptions[last].rows.last?.location == row.location {
                        descriptions[last].rows.removeLast()
                    }
                    descriptions[last].rows.append(row)
                }
            }
        }
        return descriptions.sorted { $0.start < $1.start }.flatMap(\.rows)
    }

    private static func row(_ words: [Substring], _ columns: [Substring]) -> Row? {
        guard let first = words.first, first.count == 16, let location = UInt64(first, radix: 16),
            words.count == columns.count
        else { return nil }
        func column(_ name: Substring) -> String {
            columns.firstIndex(of: name).map { String(words[$0]) } ?? "u"
        }
        return Row(
            location: location, cfa: column("CFA"), framePointer: column("rbp"),
            returnAddress: column("ra"))
    }

    private static func forEachLine(of command: String, _ body: (String) -> Void) {
        guard let pipe = popen(command, "r") else { return }
        defer { pclose(pipe) }
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, Int32(buffer.count), pipe) != nil {
            let length = buffer.firstIndex(of: 0) ?? 0
            body(
                String(
                    decoding: buffer[..<length].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
    }
}
