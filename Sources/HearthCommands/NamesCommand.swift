import ArgumentParser
import Foundation
import ProfileModel
import Symbolication

/// `hearth names`.
struct NamesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "names",
        abstract: "Say where a file's names come from, and name addresses in it.",
        discussion: """
            Names addresses as the agent does: from the file's own symbols, its debug file or debug \
            package, Go's line table; with functions that were inlined, files and lines where debug \
            information tells them. Says what would give more names where there are few.
            """)

    @Argument(help: "A program or library.")
    var file: String

    @Argument(
        help:
            "Addresses as the linker gave them, hexadecimal; `-` reads them from stdin, one a line."
    )
    var addresses: [String] = []

    @Flag(help: "One JSON object for each address.")
    var json = false

    func run() throws {
        let path = URL(filePath: file).standardizedFileURL.path()
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ValidationError("\(file): \(String(cString: strerror(errno)))")
        }
        let image = MappedImage(
            path: path,
            file: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
        let names = Symbolicator()
        let process = UInt32(getpid())
        guard names.location(of: image, at: ImageAddress(0), process: process) != nil,
            let provenance = names.provenance(of: image, process: process)
        else {
            let reason = names.provenance(of: image, process: process)?.reason ?? "unreadable"
            throw ValidationError("\(file): \(reason)")
        }
        if !json { print(Self.text(provenance)) }
        for address in try wanted() {
            guard let location = names.location(of: image, at: address, process: process) else {
                continue
            }
            print(json ? try Self.json(address, location) : Self.text(address, location))
        }
    }

    private func wanted() throws -> [ImageAddress] {
        var texts = addresses
        if texts == ["-"] {
            texts = []
            while let line = readLine() {
                texts.append(line.trimmingCharacters(in: .whitespaces))
            }
        }
        return try texts.filter { !$0.isEmpty }.map { text in
            let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
            guard let value = UInt64(digits, radix: 16) else {
                throw ValidationError("\(text) is no hexadecimal address")
            }
            return ImageAddress(value)
        }
    }

    private static func text(_ provenance: NameProvenance) -> String {
        var text = "names: \(provenance.origin.name)"
        if !provenance.source.isEmpty { text += " (\(provenance.source))" }
        text += provenance.hasLines ? "; inlined functions and lines: yes" : "; lines: none"
        if !provenance.advice.isEmpty { text += "\n→ \(provenance.advice)" }
        return text
    }

    private static func text(_ address: ImageAddress, _ location: Location) -> String {
        let frames = zip(location.names, 0...).map { name, depth in
            guard depth < location.lines.count, !location.lines[depth].function.file.isEmpty else {
                return name
            }
            let line = location.lines[depth]
            return "\(name)  \(line.function.file):\(line.number)"
        }
        return "0x\(String(address.value, radix: 16))\t"
            + frames.joined(separator: "\n\t\tinlined into ")
    }

    private struct Named: Encodable {
        struct Frame: Encodable {
            let function: String
            let systemName: String
            let file: String
            let line: UInt32
        }

        let address: String
        let frames: [Frame]
    }

    private static func json(_ address: ImageAddress, _ location: Location) throws -> String {
        let frames = location.lines.map {
            Named.Frame(
                function: $0.function.name, systemName: $0.function.systemName,
                file: $0.function.file, line: $0.number)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let named = Named(address: "0x\(String(address.value, radix: 16))", frames: frames)
        return String(decoding: try encoder.encode(named), as: UTF8.self)
    }
}
