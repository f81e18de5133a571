/// What entries of one kind look like: a tag, and which attributes follow in which form.
struct Abbreviation: Sendable {
    let code: UInt64
    let tag: Tag
    let hasChildren: Bool
    /// Has the attributes that say where its code is.
    let hasCode: Bool
    /// Bytes of an entry after its code; nil where they depend on the values.
    let byteCount: UInt32?
    /// In the table's attributes.
    let attributes: Range<Int>
}

/// An attribute's place in an abbreviation.
struct AttributeForm: Sendable {
    let attribute: Attribute
    let form: Form
    /// The value of DW_FORM_implicit_const.
    let implicit: Int64
}

/// A table of `.debug_abbrev` (DWARF 5 §7.5.3), made for units of one format.
struct AbbreviationTable: Sendable {
    let format: UnitFormat
    private(set) var abbreviations: [Abbreviation] = []
    private(set) var attributes: [AttributeForm] = []
    /// By code, when codes are not 1, 2, 3, …
    private var places: [UInt64: Int] = [:]

    /// Some ten times those of the largest programs, linked at once.
    private static let maximumCount = 1 << 17
    private static let maximumAttributes = 1 << 21
    private static let maximumAttributesOfOne = 1 << 10

    /// What the table takes in memory.
    var byteCount: Int {
        abbreviations.count * MemoryLayout<Abbreviation>.stride
            + attributes.count * MemoryLayout<AttributeForm>.stride + places.count * 32
    }

    /// Reads from the cursor to the table's end, or only to the abbreviation `last`: a unit's root
    /// mostly has the first one.
    init(
        reading reader: inout DebugReader, for format: UnitFormat, through last: UInt64? = nil
    ) throws(DWARFError) {
        self.format = format
        while true {
            let code = try reader.readULEB128()
            if code == 0 { return }
            guard abbreviations.count < Self.maximumCount else { throw reader.error(.tooLarge) }
            let abbreviation = try readAbbreviation(code, &reader)
            let place = abbreviations.count
            if places.isEmpty, code != UInt64(place) + 1 {
                for earlier in 0..<place { places[UInt64(earlier) + 1] = earlier }
                places[code] = place
            } else if !places.isEmpty {
                places[code] = place
            }
            abbreviations.append(abbreviation)
            if code == last { return }
        }
    }

    /// Where the abbreviation of this code stands; nil when there is none.
    func place(of code: UInt64) -> Int? {
        if places.isEmpty { return code <= UInt64(abbreviations.count) ? Int(code) - 1 : nil }
        return places[code]
    }

    private mutating func readAbbreviation(
        _ code: UInt64, _ reader: inout DebugReader
    ) throws(DWARFError) -> Abbreviation {
        let tag = Tag(rawValue: UInt16(clamping: try reader.readULEB128())) ?? .other
        let hasChildren = try reader.readByte() != 0
        let first = attributes.count
        var byteCount: Int? = 0
        var hasCode = false
        while true {
            let name = try reader.readULEB128()
            let form = Form(rawValue: UInt16(clamping: try reader.readULEB128())) ?? .unknown
            let implicit = form == .implicitConst ? try reader.readSLEB128() : 0
            if name == 0, form == .unknown { break }
            guard attributes.count - first < Self.maximumAttributesOfOne,
                attributes.count < Self.maximumAttributes
            else { throw reader.error(.tooLarge) }
            let attribute = Attribute(rawValue: UInt16(clamping: name)) ?? .other
            hasCode = hasCode || attribute == .lowPC || attribute == .ranges
            byteCount = byteCount.flatMap { sum in form.byteCount(in: format).map { sum + $0 } }
            attributes.append(AttributeForm(attribute: attribute, form: form, implicit: implicit))
        }
        return Abbreviation(
            code: code, tag: tag, hasChildren: hasChildren, hasCode: hasCode,
            byteCount: byteCount.map { UInt32($0) }, attributes: first..<attributes.count)
    }
}
