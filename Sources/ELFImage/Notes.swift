import ByteReading
package import ProfileModel

/// The notes of a PT_NOTE segment or a SHT_NOTE section (System V ABI, "Note Section").
package enum Notes {
    /// NT_GNU_BUILD_ID of owner "GNU"; nil when there is none. Each note: three words (owner
    /// length, data length, type), the owner, the data, both padded to four bytes.
    package static func buildID(in bytes: RawSpan) -> BuildID? { find(in: bytes)?.buildID }

    /// Where in the notes the build ID's bytes begin; nil when there is none.
    package static func buildIDOffset(in bytes: RawSpan) -> Int? { find(in: bytes)?.offset }

    private static func find(in bytes: RawSpan) -> (buildID: BuildID, offset: Int)? {
        var reader = ByteReader(bytes)
        while reader.remaining >= 12 {
            guard let ownerLength = try? reader.read(UInt32.self),
                let length = try? reader.read(UInt32.self),
                let type = try? reader.read(UInt32.self),
                let owner = try? reader.readArray(padded(ownerLength)),
                let data = try? reader.readArray(UInt64(length))
            else { return nil }
            if type == 3, owner == [0x47, 0x4e, 0x55, 0] {
                return BuildID(data).map { ($0, reader.offset - data.count) }
            }
            guard (try? reader.skip(padded(length) - UInt64(length))) != nil else { return nil }
        }
        return nil
    }

    private static func padded(_ length: UInt32) -> UInt64 { (UInt64(length) + 3) & ~3 }
}
