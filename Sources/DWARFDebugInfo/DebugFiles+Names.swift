extension DebugFiles {
    /// Swift and C++ templates make names of many kilobytes; longer ones are not read.
    private static let longestText = 64 << 10
    /// From an inlined copy to the function, its declaration, and what those are copies of: three
    /// in real programs.
    private static let longestOriginChain = 16

    /// A function's linkage name, else its plain one, from the entry or what it is a copy of.
    mutating func functionName(
        of entry: Entry, in unit: Unit
    ) -> (name: String?, isLinkageName: Bool) {
        var entry = entry
        var unit = unit
        var plain: (value: AttributeValue, unit: Unit)?
        for _ in 0..<Self.longestOriginChain {
            if let linkage = entry.linkageName, let name = try? text(linkage, in: unit) {
                return (name, true)
            }
            if plain == nil, let name = entry.name { plain = (name, unit) }
            guard let origin = entry.origin, let next = try? follow(origin, from: unit) else {
                break
            }
            (entry, unit) = next
        }
        guard let plain else { return (nil, false) }
        return (try? text(plain.value, in: plain.unit), false)
    }

    /// The entry a reference leads to, and the unit it stands in.
    private mutating func follow(
        _ reference: AttributeValue, from unit: Unit
    ) throws(DWARFError) -> (Entry, Unit) {
        switch reference {
        case .reference(let offset):
            let isInside = offset >= unit.header.offset && offset < unit.header.end
            let target = isInside ? unit : try self.unit(holding: offset, in: unit.file)
            return (try entry(at: offset, in: target), target)
        case .supplementaryReference(let offset):
            let target = try self.unit(holding: offset, in: .supplement)
            return (try entry(at: offset, in: target), target)
        default: throw DWARFError(.unexpectedForm, in: .information, at: unit.header.offset)
        }
    }

    /// The string a value stands for; nil when it is none, or empty.
    ///
    /// - Parameter section: where a string in place lies.
    mutating func text(
        _ value: AttributeValue, in unit: Unit, section: DebugSection = .information
    ) throws(DWARFError) -> String? {
        let text: String
        switch value {
        case .text(let offset): text = try self.text(at: offset, of: section, in: unit.file)
        case .string(let offset): text = try self.text(at: offset, of: .strings, in: unit.file)
        case .lineString(let offset):
            text = try self.text(at: offset, of: .lineStrings, in: unit.file)
        case .supplementaryString(let offset):
            text = try self.text(at: offset, of: .strings, in: .supplement)
        case .stringIndex(let index):
            let offset = try stringOffset(index, in: unit)
            text = try self.text(at: offset, of: .strings, in: unit.file)
        default: return nil
        }
        return text.isEmpty ? nil : text
    }

    private mutating func text(
        at offset: UInt64, of section: DebugSection, in file: FileNumber
    ) throws(DWARFError) -> String {
        let (end, overflow) = offset.addingReportingOverflow(UInt64(Self.longestText) + 1)
        return try parse(
            section, in: file, at: offset, before: overflow ? .max : end, expecting: 128
        ) { reader throws(DWARFError) in
            try reader.readText(limit: Self.longestText)
        }
    }

    /// An entry of the unit's part of `.debug_str_offsets` (DWARF 5 §7.26).
    private mutating func stringOffset(
        _ index: UInt64, in unit: Unit
    ) throws(DWARFError) -> UInt64 {
        let size = UInt64(unit.header.format.offsetSize)
        let (distance, overflow) = index.multipliedReportingOverflow(by: size)
        let place = unit.stringOffsets.addingReportingOverflow(distance)
        guard !overflow, !place.overflow else {
            throw DWARFError(.truncated, in: .stringOffsets, at: unit.stringOffsets)
        }
        return try parse(.stringOffsets, in: unit.file, at: place.partialValue, expecting: 8) {
            reader throws(DWARFError) in
            try reader.readOffset(isWide: unit.header.format.isWide)
        }
    }
}
