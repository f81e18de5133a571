/// A set of Unicode scalars, as `[a-z\d]`, `.`, `\pL` or a single character describe one.
struct CharacterClass: Sendable {
    private var ranges: [ClosedRange<UInt32>] = []
    /// General categories, by their one- or two-letter names, each taken or excluded.
    private var categories: [(name: String, isNegated: Bool)] = []
    private var isNegated = false
    private var ignoresCase = false

    init(_ ranges: [ClosedRange<UInt32>] = [], negated: Bool = false) {
        self.ranges = ranges
        isNegated = negated
    }

    init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

    static let any = CharacterClass([0...0x10ffff])
    static let notLineFeed = CharacterClass([10...10], negated: true)
    static let word = CharacterClass(named("word"))

    mutating func insert(_ range: ClosedRange<UInt32>) { ranges.append(range) }

    /// Adds a named ASCII class or its complement.
    mutating func insert(named name: [ClosedRange<UInt32>], negated: Bool) {
        ranges += negated ? Self.complement(of: name) : name
    }

    mutating func insert(category: String, negated: Bool) {
        categories.append((category, negated))
    }

    /// The same set, seen without case where asked, then turned around where asked.
    func with(negated: Bool, ignoringCase: Bool) -> CharacterClass {
        var other = self
        other.isNegated = negated
        other.ignoresCase = ignoringCase
        return other
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var isMember = holds(scalar)
        if ignoresCase, !isMember {
            isMember = Self.caseVariants(of: scalar).contains { holds($0) }
        }
        return isMember != isNegated
    }

    private func holds(_ scalar: Unicode.Scalar) -> Bool {
        if ranges.contains(where: { $0.contains(scalar.value) }) { return true }
        guard !categories.isEmpty else { return false }
        let code = Self.code(of: scalar.properties.generalCategory)
        return categories.contains { code.hasPrefix($0.name) != $0.isNegated }
    }

    /// The scalar's lower and upper case and the lower case of that, where each is one scalar.
    private static func caseVariants(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        func single(_ mapping: String) -> Unicode.Scalar? {
            let scalars = mapping.unicodeScalars
            return scalars.count == 1 ? scalars.first : nil
        }
        let upper = single(scalar.properties.uppercaseMapping)
        let lower = single(scalar.properties.lowercaseMapping)
        let lowerOfUpper = upper.flatMap { single($0.properties.lowercaseMapping) }
        return [lower, upper, lowerOfUpper].compactMap { $0 }
    }

    // MARK: Named classes

    /// What `[[:name:]]` and the escapes `\d \s \w` mean; empty when there is no such class.
    static func named(_ name: String) -> [ClosedRange<UInt32>] {
        switch name {
        case "alnum": [48...57, 65...90, 97...122]
        case "alpha": [65...90, 97...122]
        case "ascii": [0...127]
        case "blank": [9...9, 32...32]
        case "cntrl": [0...31, 127...127]
        case "digit": [48...57]
        case "graph": [33...126]
        case "lower": [97...122]
        case "print": [32...126]
        case "punct": [33...47, 58...64, 91...96, 123...126]
        case "space": [9...13, 32...32]
        case "upper": [65...90]
        case "word": [48...57, 65...90, 95...95, 97...122]
        case "xdigit": [48...57, 65...70, 97...102]
        // `\s` lacks the vertical tab that [[:space:]] has.
        case "perl-space": [9...10, 12...13, 32...32]
        default: []
        }
    }

    private static func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10ffff { result.append(next...0x10ffff) }
        return result
    }

    /// The general categories `\p{…}` may name.
    static let categoryNames: Set<String> = [
        "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn",
        "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm",
        "So", "Z", "Zl", "Zp", "Zs",
    ]

    private static func code(of category: Unicode.GeneralCategory) -> String {
        switch category {
        case .control: "Cc"
        case .format: "Cf"
        case .unassigned: "Cn"
        case .privateUse: "Co"
        case .surrogate: "Cs"
        case .lowercaseLetter: "Ll"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .titlecaseLetter: "Lt"
        case .uppercaseLetter: "Lu"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .nonspacingMark: "Mn"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .closePunctuation: "Pe"
        case .finalPunctuation: "Pf"
        case .initialPunctuation: "Pi"
        case .otherPunctuation: "Po"
        case .openPunctuation: "Ps"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .mathSymbol: "Sm"
        case .otherSymbol: "So"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .spaceSeparator: "Zs"
        @unknown default: "Cn"
        }
    }
}
