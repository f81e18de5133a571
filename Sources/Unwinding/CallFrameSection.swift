/// The bytes of `.eh_frame` (LSB 5 §10.6.1) or `.debug_frame` (DWARF 5 §6.4.1), lent by the caller.
///
/// Addresses are 8 bytes wide. Nothing is checked yet; offsets below are counted from the first byte.
package struct CallFrameSection: ~Escapable {
    package enum Kind: Hashable, Sendable {
        case ehFrame, debugFrame
    }

    let kind: Kind
    let bytes: RawSpan
    /// Image address of the first byte: what pc-relative pointers are relative to.
    let address: UInt64
    /// What data-relative pointers are relative to; nil: such pointers are malformed.
    let dataAddress: UInt64?

    /// Takes decompressed bytes; what lies past 4 GiB is not read.
    @_lifetime(copy bytes)
    package init(_ kind: Kind, bytes: RawSpan, address: UInt64, dataAddress: UInt64? = nil) {
        self.kind = kind
        self.bytes = bytes.extracting(first: Int(UInt32.max))
        self.address = address
        self.dataAddress = dataAddress
    }

    /// A cursor over a part of the section.
    @_lifetime(copy self)
    func reader(over range: Range<UInt32>) -> CallFrameReader {
        CallFrameReader(bytes, range: range)
    }

    /// The header of the entry at the cursor, which moves past the header; nil at a terminator.
    ///
    /// Throws `badLength` where no next entry can be found; an entry that is too short for its
    /// header comes back without a body.
    func readEntry(_ reader: inout CallFrameReader) throws(CallFrameError) -> CallFrameEntry? {
        let offset = reader.offset
        guard let (length, isWide) = try? Self.readLength(&reader),
            length <= UInt64(bytes.byteCount) - reader.offset
        else { throw CallFrameError(.badLength, at: offset) }
        if length == 0 { return nil }
        let start = reader.offset
        let end = start + length
        let idWidth: UInt64 = isWide && kind == .debugFrame ? 8 : 4
        guard length >= idWidth else {
            return CallFrameEntry(offset: offset, body: end..<end, role: .malformed)
        }
        let id = idWidth == 8 ? try reader.read(UInt64.self) : UInt64(try reader.read(UInt32.self))
        return CallFrameEntry(
            offset: offset, body: start + idWidth..<end, role: role(of: id, at: start, idWidth))
    }

    /// 4 bytes, or the escape and 8 bytes: the 64-bit format (DWARF 5 §7.4).
    private static func readLength(
        _ reader: inout CallFrameReader
    ) throws(CallFrameError) -> (length: UInt64, isWide: Bool) {
        let length = try reader.read(UInt32.self)
        if length == 0xffff_ffff { return (try reader.read(UInt64.self), true) }
        guard length < 0xffff_fff0 else { throw CallFrameError(.badLength, at: reader.offset) }
        return (UInt64(length), false)
    }

    /// What an id says: in `.eh_frame` 0, or how far back from itself the common information lies;
    /// in `.debug_frame` all ones, or where it lies in the section.
    private func role(of id: UInt64, at position: UInt64, _ width: UInt64) -> CallFrameEntry.Role {
        switch kind {
        case .ehFrame where id == 0: .commonInformation
        case .ehFrame: id <= position ? .frameDescription(common: position - id) : .malformed
        case .debugFrame where id == (width == 8 ? .max : 0xffff_ffff): .commonInformation
        case .debugFrame: .frameDescription(common: id)
        }
    }
}

/// An entry's header.
struct CallFrameEntry {
    enum Role {
        case commonInformation
        /// Carries the offset of its common information.
        case frameDescription(common: UInt64)
        case malformed
    }

    let offset: UInt64
    /// What follows the id, up to the next entry.
    let body: Range<UInt32>
    let role: Role

    /// The range lies within a section, so below 4 GiB.
    init(offset: UInt64, body: Range<UInt64>, role: Role) {
        self.offset = offset
        self.body =
            UInt32(clamping: body.lowerBound)..<UInt32(clamping: body.upperBound)
        self.role = role
    }
}
