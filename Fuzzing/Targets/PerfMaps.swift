import ByteReading
import Driver
import ProfileModel

@testable import Symbolication

/// Perf maps, whole and in pieces: what is read must not depend on where the file was torn.
///
///     u8 length of pieces, 0: 256 │ the file
@main
struct PerfMaps: FuzzTarget {
    /// Small, so that they are met.
    private static let limits = RuntimeCode.Limits(
        functions: 64, nameBytes: 40_000, rows: 64, fileBytes: 4096)

    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let step = try? reader.read(UInt8.self) else { return }
        let file = input.extracting(droppingFirst: 1)
        var whole = PerfMap()
        whole.append(file)
        whole.check()
        var torn = PerfMap()
        // What goes, when there is too much, depends on the pieces.
        var full = PerfMap(limits: limits)
        var rest = file
        while rest.byteCount > 0 {
            let piece = rest.extracting(first: step == 0 ? 256 : Int(step))
            torn.append(piece)
            full.append(piece)
            rest = rest.extracting(droppingFirst: piece.byteCount)
        }
        full.check()
        torn.check()
        precondition(whole.badLines == torn.badLines && whole.dropped == torn.dropped)
        precondition(whole.code.ranges == torn.code.ranges && whole.code.names == torn.code.names)
    }
}

extension PerfMap {
    fileprivate func check() {
        for range in code.ranges {
            let found = line(at: ProcessAddress(range.end - 1))
            precondition(found != nil && line(at: ProcessAddress(range.start)) == found)
        }
        precondition(zip(code.ranges, code.ranges.dropFirst()).allSatisfy { $0.end <= $1.start })
        _ = line(at: ProcessAddress(0))
        _ = line(at: ProcessAddress(.max))
    }
}
