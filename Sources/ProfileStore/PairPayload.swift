/// The two hot loops: packing pairs into a blob's payload and adding a payload's values up.
///
/// They run over raw buffers because `Array` subscripts and `Dictionary` sums cost seven times as
/// much (measured on 8,640 blobs of 300 pairs).
enum PairPayload {
    /// Room one LEB128 number of 64 bits can take.
    private static let longestVarint = 10

    static func encode(_ pairs: [ProfileBlob.Pair], unit: Int64, signed: Bool) -> [UInt8] {
        // Safe because a stack's difference takes at most 5 bytes and a value at most 10, so two
        // longest numbers per pair always fit; `count` is what was written.
        unsafe [UInt8](unsafeUninitializedCapacity: pairs.count * 2 * longestVarint) {
            room, count in
            guard var next = room.baseAddress else { return }
            var previous: UInt32 = 0
            for pair in pairs {
                unsafe put(UInt64(pair.stack &- previous), at: &next)
                previous = pair.stack
            }
            for pair in pairs {
                let value = unit == 1 ? pair.value : pair.value / unit
                let number = signed ? [UInt8].zigzag(value) : UInt64(bitPattern: value)
                unsafe put(number, at: &next)
            }
            count = unsafe room.baseAddress.map { unsafe next - $0 } ?? 0
        }
    }

    @inline(__always)
    private static func put(_ value: UInt64, at next: inout UnsafeMutablePointer<UInt8>) {
        var rest = value
        while rest >= 0x80 {
            unsafe next.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            unsafe next += 1
            rest >>= 7
        }
        unsafe next.pointee = UInt8(truncatingIfNeeded: rest)
        unsafe next += 1
    }

    /// Adds every value at its stack's place in `sums`, saturating.
    ///
    /// False when the payload is damaged or names a stack at or past `sums.count`; `sums` then holds
    /// what was added before the damage. `stacks` is scratch space whose content does not matter.
    static func add(
        _ payload: RawSpan, header: ProfileBlob.Header, to sums: inout [Int64],
        scratch stacks: inout [UInt32]
    ) -> Bool {
        let count = header.count
        if stacks.count < count { stacks = Array(repeating: 0, count: max(count, 1024)) }
        let unit = header.unit
        let isSigned = header.isSigned
        // Safe because `take` never reads at or past `end`, stack numbers are compared with
        // `sums.count` before they index, and `stacks` has room for `count` numbers.
        return unsafe payload.withUnsafeBytes { bytes in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                unsafe stacks.withUnsafeMutableBufferPointer { stacks in
                    guard var next = bytes.baseAddress else { return count == 0 }
                    let end = unsafe next + bytes.count
                    guard
                        unsafe takeStacks(
                            &next, end: end, count: count, limit: sums.count, into: stacks)
                    else { return false }
                    for index in 0..<count {
                        guard let number = unsafe take(&next, end: end) else { return false }
                        var value =
                            isSigned ? [UInt8].unzigzag(number) : Int64(bitPattern: number)
                        if unit != 1 { value = value.multipliedSaturated(by: unit) }
                        let stack = unsafe Int(stacks[index])
                        unsafe sums[stack] = unsafe sums[stack].addingSaturated(value)
                    }
                    return unsafe next == end
                }
            }
        }
    }

    /// The pairs themselves; nil when the payload is damaged.
    static func pairs(_ payload: RawSpan, header: ProfileBlob.Header) -> [ProfileBlob.Pair]? {
        var stacks = [UInt32](repeating: 0, count: header.count)
        var pairs: [ProfileBlob.Pair] = []
        pairs.reserveCapacity(header.count)
        // Safe because `take` never reads at or past `end` and `stacks` has room for all numbers.
        let isWhole = unsafe payload.withUnsafeBytes { bytes in
            unsafe stacks.withUnsafeMutableBufferPointer { stacks in
                guard var next = bytes.baseAddress else { return header.count == 0 }
                let end = unsafe next + bytes.count
                guard
                    unsafe takeStacks(
                        &next, end: end, count: header.count, limit: Int(UInt32.max), into: stacks)
                else { return false }
                for index in 0..<header.count {
                    guard let number = unsafe take(&next, end: end) else { return false }
                    let value =
                        header.isSigned ? [UInt8].unzigzag(number) : Int64(bitPattern: number)
                    pairs.append(
                        unsafe ProfileBlob.Pair(
                            stack: stacks[index],
                            value: value.multipliedSaturated(by: header.unit)))
                }
                return unsafe next == end
            }
        }
        return isWhole ? pairs : nil
    }

    /// Stack numbers, strictly ascending and below `limit`.
    @inline(__always)
    private static func takeStacks(
        _ next: inout UnsafeRawPointer, end: UnsafeRawPointer, count: Int, limit: Int,
        into stacks: UnsafeMutableBufferPointer<UInt32>
    ) -> Bool {
        var stack: UInt64 = 0
        for index in 0..<count {
            guard let difference = unsafe take(&next, end: end), difference <= UInt32.max,
                difference > 0 || index == 0
            else { return false }
            stack += difference
            guard stack < UInt64(limit) else { return false }
            unsafe stacks[index] = UInt32(truncatingIfNeeded: stack)
        }
        return true
    }

    @inline(__always)
    private static func take(_ next: inout UnsafeRawPointer, end: UnsafeRawPointer) -> UInt64? {
        guard unsafe next < end else { return nil }
        let first = unsafe next.load(as: UInt8.self)
        unsafe next += 1
        if first < 0x80 { return UInt64(first) }
        var value = UInt64(first & 0x7f)
        var shift: UInt64 = 7
        while unsafe next < end {
            let byte = unsafe next.load(as: UInt8.self)
            unsafe next += 1
            guard shift < 63 || (shift == 63 && byte <= 1) else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
