import ByteReading
package import LinuxSystem
package import ProfileModel

/// Functions of one image by address, mapped from a file that `SymbolTableWriter` made.
///
///     0   magic          8   version u32, origin u32
///     16  count u32, 0   24  base u64: what starts are relative to
///     32  pool bytes     40  checksum of the index
///     48  checksum of the 48 bytes before
///     64  pool: zero-terminated names; the first one says where the table came from in particular
///     …   index, after padding to four: starts u32[count], sorted; lengths u32[count]; names u32[count]
///
/// All little-endian. Names are checked when they are read: a table costs nothing until it is asked.
package final class SymbolTable: Sendable {
    private let file: MappedFile
    private let header: Header

    static let magic: UInt64 = 0x3142_5459_534d_5248  // "HRMSYTB1"
    static let version: UInt32 = 1
    static let headerBytes = 64

    package var origin: SymbolOrigin { header.origin }
    package var count: Int { header.count }
    package var isEmpty: Bool { count == 0 }
    /// Of address space.
    package var byteCount: Int { file.byteCount }
    /// Of memory that the kernel cannot take back: none where a file on disk is behind it.
    package var heldBytes: Int { file.isInMemory ? file.byteCount : 0 }

    private struct Header {
        let origin: SymbolOrigin
        let count: Int
        let base: UInt64
        let poolBytes: Int

        /// Where `starts` begin.
        var index: Int { (SymbolTable.headerBytes + poolBytes + 3) / 4 * 4 }

        init?(_ bytes: RawSpan) {
            var reader = ByteReader(bytes)
            guard bytes.byteCount >= SymbolTable.headerBytes,
                let magic = try? reader.read(UInt64.self), magic == SymbolTable.magic,
                let version = try? reader.read(UInt32.self), version == SymbolTable.version,
                let origin = try? reader.read(UInt32.self),
                let count = try? reader.read(UInt32.self), (try? reader.skip(4)) != nil,
                let base = try? reader.read(UInt64.self),
                let poolBytes = try? reader.read(UInt64.self),
                let indexSum = try? reader.read(UInt64.self),
                let sum = try? reader.read(UInt64.self),
                sum == Checksum.of(bytes.extracting(0..<48)), poolBytes <= UInt64(bytes.byteCount)
            else { return nil }
            self.origin = SymbolOrigin(rawValue: origin) ?? .none
            self.count = Int(count)
            self.base = base
            self.poolBytes = Int(poolBytes)
            guard bytes.byteCount == index + self.count * 12,
                indexSum == Checksum.of(bytes.extracting(index..<bytes.byteCount))
            else { return nil }
        }
    }

    /// Nil when the file is none of ours, of another version, torn or damaged.
    package init?(_ descriptor: borrowing OwnedDescriptor) {
        guard let file = try? MappedFile(descriptor), let header = file.withBytes({ Header($0) })
        else { return nil }
        self.file = file
        self.header = header
    }

    /// Where the table came from in particular: a debug file's path.
    package var source: String { name(at: 0) ?? "" }

    /// The mangled name of the function that holds `address`, and which addresses have that name; nil
    /// in a gap: a function that has ended names nothing behind it.
    package func function(at address: ImageAddress) -> (name: String, range: Range<UInt64>)? {
        guard address.value >= header.base,
            let offset = UInt32(exactly: address.value - header.base)
        else {
            return nil
        }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if word(middle) <= offset { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let start = UInt64(word(low - 1))
        var end = start + UInt64(word(count + low - 1))
        guard UInt64(offset) < end, let name = name(at: Int(word(2 * count + low - 1))) else {
            return nil
        }
        // Where a symbol lies inside another, the address has the name of the one that began last.
        if low < count { end = min(end, UInt64(word(low))) }
        let (upper, overflow) = header.base.addingReportingOverflow(end)
        return overflow ? nil : (name, header.base + start..<upper)
    }

    /// A word of the index, whose size `Header` has checked.
    private func word(_ number: Int) -> UInt32 {
        let offset = header.index + number * 4
        return file.withBytes {
            unsafe $0.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
        }
    }

    private func name(at offset: Int) -> String? {
        guard offset < header.poolBytes else { return nil }
        let pool = Self.headerBytes..<Self.headerBytes + header.poolBytes
        return file.withBytes { bytes in
            var reader = ByteReader(bytes.extracting(pool).extracting(droppingFirst: offset))
            return try? reader.readCString(limit: SymbolTableWriter.longestName + 1)
        }
    }
}
