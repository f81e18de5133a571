import ByteReading
package import ProfileModel

/// Names of code that a runtime wrote into `perf-PID.map` (Linux, tools/perf/Documentation/jit-interface.txt):
/// lines of `START SIZE name`, both numbers hexadecimal, the name to the end of the line. Some write
/// `0x` before numbers.
package struct PerfMap: AppendedContents {
    private(set) var code: RuntimeCode
    /// The beginning of a line whose end was not there yet.
    private var tail: [UInt8] = []
    /// Lines that tell no function.
    package private(set) var badLines: UInt64 = 0
    /// Functions that went, or were never taken, because there were too many.
    package var dropped: UInt64 { code.dropped }
    package var count: Int { code.functions.count }

    /// Two numbers and a name. What a longer line has more is not read.
    private static let longestLine = SymbolTableWriter.longestName + 64

    package init() { self.init(limits: RuntimeCode.Limits()) }

    init(limits: RuntimeCode.Limits) { code = RuntimeCode(limits: limits) }

    /// Reads on: what follows the bytes that were appended before.
    package mutating func append(_ bytes: RawSpan) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest.extracting(first: end)
            if tail.isEmpty {
                read(line)
            } else {
                keep(line)
                let whole = tail
                tail.removeAll(keepingCapacity: true)
                read(whole.span.bytes)
            }
            rest = rest.extracting(droppingFirst: end + 1)
        }
        keep(rest)
        code.settle()
    }

    /// The line of the function at an address, if the file told one.
    package func line(at address: ProcessAddress) -> Line? {
        code.answer(at: address.value).map { Line($0) }
    }

    private mutating func keep(_ bytes: RawSpan) {
        let kept = bytes.extracting(first: Self.longestLine - tail.count)
        unsafe kept.withUnsafeBytes { unsafe tail.append(contentsOf: $0) }
    }

    private mutating func read(_ line: RawSpan) {
        var reader = ByteReader(line.extracting(first: Self.longestLine))
        guard let start = Self.number(&reader), let size = Self.number(&reader),
            code.add(
                start: start, size: size,
                name: line.extracting(first: Self.longestLine).extracting(
                    droppingFirst: reader.offset)) != nil
        else {
            badLines += 1
            return
        }
    }

    /// A hexadecimal number and the blanks behind it.
    private static func number(_ reader: inout ByteReader) -> UInt64? {
        var value: UInt64 = 0
        var digits = 0
        while let byte = try? reader.read(UInt8.self) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte & 0xf)
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                value = value << 4 | UInt64(byte & 0xf + 9)
            case UInt8(ascii: "x") where digits == 1 && value == 0:
                digits = 0
                continue
            case UInt8(ascii: " ") where digits > 0:
                return value
            default: return nil
            }
            digits += 1
            if digits > 16 { return nil }
        }
        return nil
    }
}
