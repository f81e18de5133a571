import ByteReading

/// The totals of one series in one hour, packed: time lines read these and no profile blob.
///
///     version 1, unit, points; per point: seconds since the point before × 2 (+ 1 when the
///     duration differs from the one before), [duration (ms)], value ÷ unit
///
/// About 3 bytes per window.
struct HourTotals: Equatable {
    struct Point: Equatable {
        /// Seconds since the hour began, 0 to 3,599.
        var second: UInt32
        var durationMilliseconds: Int64
        var value: Int64
    }

    /// Ascending by second, each once.
    private(set) var points: [Point] = []

    private static let version: UInt8 = 1

    init() {}

    init(_ bytes: RawSpan) throws(StoreError) {
        do {
            try decode(bytes)
        } catch {
            throw StoreError(.corrupt, "an hour's totals are damaged: \(error)")
        }
    }

    private mutating func decode(_ bytes: RawSpan) throws {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == Self.version else {
            throw StoreError(.corrupt, "unknown version")
        }
        let unit = try reader.readSigned()
        let count = try reader.readCount()
        points.reserveCapacity(min(count, 3600))
        var second: UInt64 = 0
        var duration: Int64 = 0
        for _ in 0..<count {
            let step = try reader.readULEB128()
            second = second &+ step >> 1
            if step & 1 != 0 { duration = try reader.readSigned() }
            guard second < 3600, step >> 1 < 3600 else {
                throw StoreError(.corrupt, "a second past the hour")
            }
            points.append(
                Point(
                    second: UInt32(second), durationMilliseconds: duration,
                    value: try reader.readSigned().multipliedSaturated(by: unit)))
        }
    }

    /// Puts a window's total in place of what was known for that second.
    mutating func set(_ point: Point) {
        // Windows come in order of time, so the place is nearly always the end.
        var place = points.count
        while place > 0, points[place - 1].second >= point.second { place -= 1 }
        if place < points.count, points[place].second == point.second {
            points[place] = point
        } else {
            points.insert(point, at: place)
        }
    }

    mutating func remove(second: UInt32) { points.removeAll { $0.second == second } }

    func encoded() -> [UInt8] {
        let divisor = points.reduce(UInt64(0)) {
            ProfileBlob.greatestCommonDivisor($0, $1.value.magnitude)
        }
        let unit = Int64(exactly: divisor).map { max($0, 1) } ?? 1
        var bytes: [UInt8] = [Self.version]
        bytes.appendSigned(unit)
        bytes.appendVarint(points.count)
        var previous = Point(second: 0, durationMilliseconds: 0, value: 0)
        for point in points {
            let isNew = point.durationMilliseconds != previous.durationMilliseconds
            let step = UInt64(point.second - previous.second)
            bytes.appendVarint(step << 1 | (isNew ? 1 : 0))
            if isNew { bytes.appendSigned(point.durationMilliseconds) }
            bytes.appendSigned(point.value / unit)
            previous = point
        }
        return bytes
    }
}
