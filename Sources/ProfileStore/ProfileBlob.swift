import ByteReading

/// The stored form of one window of one series: (stack number, value) pairs and what they mean.
///
///     version 1, flags, period, duration (ms), unit, pairs, payload bytes unpacked; payload
///
/// Numbers are LEB128, signed ones zigzag. The payload is all stack numbers, ascending, each less
/// the one before, then all values divided by `unit`, their greatest common divisor: for CPU time
/// that is the period, so a value takes one byte. Flag 1: the payload is a zstd frame. Flag 2:
/// some value is negative, so values are zigzag.
struct ProfileBlob: Equatable {
    struct Pair: Equatable {
        var stack: UInt32
        var value: Int64

        /// Ascending by stack, equal stacks added.
        static func distinct(_ pairs: [Pair]) -> [Pair] {
            var result: [Pair] = []
            result.reserveCapacity(pairs.count)
            for pair in pairs.sorted(by: { $0.stack < $1.stack }) {
                if let last = result.last, last.stack == pair.stack {
                    result[result.count - 1].value = last.value.addingSaturated(pair.value)
                } else {
                    result.append(pair)
                }
            }
            return result
        }
    }

    /// The distance of two samples, in the type's period unit.
    var period: Int64
    var durationMilliseconds: Int64
    /// Ascending by stack, each stack once.
    var pairs: [Pair]

    private static let version: UInt8 = 1
    private static let compressed: UInt8 = 1
    private static let hasNegative: UInt8 = 2

    /// The sum of all values; saturates.
    var total: Int64 { pairs.reduce(0) { $0.addingSaturated($1.value) } }

    /// Adds another blob of the same series and start: values add, the longer duration holds.
    mutating func add(_ other: ProfileBlob) {
        var sums: [Pair] = []
        sums.reserveCapacity(pairs.count + other.pairs.count)
        var (left, right) = (pairs[...], other.pairs[...])
        while let first = left.first, let second = right.first {
            if first.stack == second.stack {
                sums.append(
                    Pair(stack: first.stack, value: first.value.addingSaturated(second.value)))
                left.removeFirst()
                right.removeFirst()
            } else if first.stack < second.stack {
                sums.append(left.removeFirst())
            } else {
                sums.append(right.removeFirst())
            }
        }
        pairs = sums + left + right
        if period == 0 { period = other.period }
        durationMilliseconds = max(durationMilliseconds, other.durationMilliseconds)
    }

    func encoded(by codec: borrowing ZstdCodec) -> [UInt8] {
        let unit = Self.unit(of: pairs)
        let isNegative = pairs.contains { $0.value < 0 }
        let payload = PairPayload.encode(pairs, unit: unit, signed: isNegative)
        let packed = codec.compress(payload)
        var flags: UInt8 = isNegative ? Self.hasNegative : 0
        if packed != nil { flags |= Self.compressed }
        var bytes: [UInt8] = [Self.version, flags]
        bytes.reserveCapacity(24 + (packed ?? payload).count)
        bytes.appendSigned(period)
        bytes.appendSigned(durationMilliseconds)
        bytes.appendSigned(unit)
        bytes.appendVarint(pairs.count)
        bytes.appendVarint(payload.count)
        bytes += packed ?? payload
        return bytes
    }

    /// The greatest number that divides every value; 1 when there is none better.
    private static func unit(of pairs: [Pair]) -> Int64 {
        var divisor: UInt64 = 0
        for pair in pairs {
            divisor = greatestCommonDivisor(divisor, pair.value.magnitude)
            if divisor == 1 { return 1 }
        }
        return Int64(exactly: divisor).map { max($0, 1) } ?? 1
    }

    static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (larger, smaller) = (first, second)
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }

    /// How many pairs a stored blob says it has.
    static func count(_ blob: RawSpan) throws(StoreError) -> Int {
        var reader = ByteReader(blob)
        return try Header(&reader).count
    }

    /// What stands before the payload.
    struct Header {
        let flags: UInt8
        let period: Int64
        let durationMilliseconds: Int64
        let unit: Int64
        let count: Int
        let payloadSize: Int

        var isCompressed: Bool { flags & ProfileBlob.compressed != 0 }
        var isSigned: Bool { flags & ProfileBlob.hasNegative != 0 }

        init(_ reader: inout ByteReader) throws(StoreError) {
            do {
                guard try reader.read(UInt8.self) == ProfileBlob.version else {
                    throw StoreError(.corrupt, "a profile blob has an unknown version")
                }
                flags = try reader.read(UInt8.self)
                period = try reader.readSigned()
                durationMilliseconds = try reader.readSigned()
                unit = try reader.readSigned()
                let pairs = try reader.readULEB128()
                let size = try reader.readULEB128()
                // Each pair takes at least two bytes of payload, so the claims bound each other.
                guard unit > 0, size <= UInt64(ZstdCodec.expandedLimit), pairs <= size / 2 else {
                    throw StoreError(.corrupt, "a profile blob claims impossible sizes")
                }
                count = Int(pairs)
                payloadSize = Int(size)
            } catch let error as ReadError {
                throw StoreError(.corrupt, "a profile blob is damaged: \(error)")
            } catch let error as StoreError {
                throw error
            } catch {
                throw StoreError(.corrupt, "\(error)")
            }
        }
    }
}
