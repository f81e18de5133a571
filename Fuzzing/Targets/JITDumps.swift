import ByteReading
import Driver
import ProfileModel

@testable import Symbolication

/// Jitdumps, whole and in pieces: what is read must not depend on where the file was torn.
///
///     u8 length of pieces, 0: 256 │ the file
@main
struct JITDumps: FuzzTarget {
    /// Small, so that they are met.
    private static let limits = RuntimeCode.Limits(
        functions: 64, nameBytes: 40_000, rows: 64, fileBytes: 1024)

    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let step = try? reader.read(UInt8.self) else { return }
        let file = input.extracting(droppingFirst: 1)
        var whole = JITDump()
        whole.append(file)
        whole.check()
        var torn = JITDump()
        // What goes, when there is too much, depends on the pieces.
        var full = JITDump(limits: limits)
        var rest = file
        while rest.byteCount > 0 {
            let piece = rest.extracting(first: step == 0 ? 256 : Int(step))
            torn.append(piece)
            full.append(piece)
            rest = rest.extracting(droppingFirst: piece.byteCount)
        }
        full.check()
        torn.check()
        precondition(whole.header == torn.header && whole.problem == torn.problem)
        precondition(whole.badRecords == torn.badRecords && whole.dropped == torn.dropped)
        precondition(whole.code.ranges == torn.code.ranges && whole.code.names == torn.code.names)
        precondition(whole.code.rows == torn.code.rows && whole.code.files == torn.code.files)
    }
}

extension JITDump {
    fileprivate func check() {
        for range in code.ranges {
            let first = ProcessAddress(range.start)
            precondition(line(at: first) != nil && time(at: first) != nil)
            precondition(line(at: ProcessAddress(range.end - 1)) != nil)
        }
        precondition(zip(code.ranges, code.ranges.dropFirst()).allSatisfy { $0.end <= $1.start })
        _ = line(at: ProcessAddress(0))
        _ = line(at: ProcessAddress(.max))
    }
}
