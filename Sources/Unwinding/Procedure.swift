/// A range of code that one entry of one source describes.
struct Procedure {
    enum Source: UInt8 {
        case ehFrame, goLines, debugFrame
    }

    let start: UInt64
    var end: UInt64
    let source: Source
    /// Of the entry in its source.
    let index: UInt32
}

/// Which entry describes which code.
struct ProcedureList {
    /// Sorted and disjoint, each within one range of code.
    private(set) var procedures: [Procedure] = []
    private let code: CodeRanges

    init(_ code: CodeRanges) { self.code = code }

    /// Adds what a source describes and sources added before do not.
    ///
    /// Where ranges of one source overlap, the one that starts later holds, and the earlier one ends
    /// there: what a search in `.eh_frame_hdr` comes to. Of equal starts the first holds. A range at
    /// address 0 is code that the linker discarded.
    ///
    /// - Parameter ranges: sorted by start.
    mutating func add(
        _ source: Procedure.Source, count: Int, range: (Int) -> (start: UInt64, end: UInt64)
    ) {
        let before = procedures
        var merged: [Procedure] = []
        merged.reserveCapacity(before.count + count)
        var next = 0
        var segment = 0
        for index in 0..<count {
            let (start, end) = range(index)
            guard start > 0, let limit = endOfCode(at: start, &segment) else { continue }
            while next < before.count, before[next].start <= start {
                merged.append(before[next])
                next += 1
            }
            if let last = merged.indices.last {
                if merged[last].start == start { continue }
                if merged[last].end > start {
                    if merged[last].source != source { continue }
                    merged[last].end = start
                }
            }
            var procedure = Procedure(
                start: start, end: min(end, limit), source: source, index: UInt32(clamping: index))
            if next < before.count { procedure.end = min(procedure.end, before[next].start) }
            merged.append(procedure)
        }
        merged += before[next...]
        procedures = merged
    }

    /// The end of the range of code that the address is in. Addresses grow from call to call.
    private func endOfCode(at address: UInt64, _ segment: inout Int) -> UInt64? {
        while segment < code.ranges.count, code.ranges[segment].upperBound <= address {
            segment += 1
        }
        guard segment < code.ranges.count, code.ranges[segment].contains(address) else {
            return nil
        }
        return code.ranges[segment].upperBound
    }
}
