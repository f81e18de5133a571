/// Parses Rust's v0 symbol names (RFC 2603; "The Rust reference: symbol mangling"), printing paths
/// without crate hashes, as backtraces do. Bounded in depth and length, whatever the name is.
struct RustV0Parser {
    private let bytes: [UInt8]
    private var position = 0
    private var output = ""
    private var depth = 0
    private var isQuiet = false
    /// Lifetimes bound by the `for<…>` binders around here.
    private var boundLifetimes: UInt64 = 0

    private struct Malformed: Error {}
    private static let deepest = 200
    private static let longest = 16 * 1024

    init(_ name: String) { bytes = Array(name.utf8.dropFirst(2)) }

    /// The readable name; nil when it is not a v0 name.
    mutating func parse() -> String? {
        do {
            // A leading digit would be a future encoding version.
            guard let first = bytes.first, first >= 65 else { return nil }
            try path(inValue: true)
            // An instantiating crate may follow, then a vendor suffix after a dot or dollar.
            if position < bytes.count, peek() != 46, peek() != 36 {
                isQuiet = true
                try path(inValue: false)
                isQuiet = false
            }
            if position < bytes.count, peek() != 46, peek() != 36 { return nil }
            return output
        } catch {
            return nil
        }
    }

    // MARK: Productions, each named as in the RFC.

    private mutating func path(inValue: Bool) throws {
        try enter()
        defer { depth -= 1 }
        switch try next() {
        case "C":  // crate root
            _ = try disambiguator()
            try print(try identifier())
        case "M":  // <T> (inherent impl)
            try implPath()
            try print("<")
            try type()
            try print(">")
        case "X":  // <T as Trait> (trait impl)
            try implPath()
            try traitImplementation()
        case "Y":  // <T as Trait> (trait definition)
            try traitImplementation()
        case "N":
            try nested(inValue: inValue)
        case "I":
            try path(inValue: inValue)
            try print(inValue ? "::<" : "<")
            try list(separator: ", ") { parser throws in try parser.genericArgument() }
            try print(">")
        case "B":
            try backReference { parser throws in try parser.path(inValue: inValue) }
        default: throw Malformed()
        }
    }

    private mutating func traitImplementation() throws {
        try print("<")
        try type()
        try print(" as ")
        try path(inValue: false)
        try print(">")
    }

    private mutating func implPath() throws {
        let before = isQuiet
        isQuiet = true
        defer { isQuiet = before }
        _ = try disambiguator()
        try path(inValue: false)
    }

    private mutating func nested(inValue: Bool) throws {
        let namespace = try next()
        try path(inValue: inValue)
        let number = try disambiguator()
        let name = try identifier()
        if namespace.isUppercase {
            let kind = namespace == "C" ? "closure" : namespace == "S" ? "shim" : String(namespace)
            try print("::{\(kind)\(name.isEmpty ? "" : ":" + name)#\(number)}")
        } else if !name.isEmpty {
            try print("::\(name)")
        }
    }

    private mutating func genericArgument() throws {
        switch peek() {
        case 76:  // L
            position += 1
            try lifetime(try base62())
        case 75:  // K
            position += 1
            try constant()
        default: try type()
        }
    }

    private mutating func type() throws {
        try enter()
        defer { depth -= 1 }
        let tag = try next()
        if let name = Self.basicTypes[tag] { return try print(name) }
        switch tag {
        case "R", "Q":
            try print("&")
            if accept(76) {
                let index = try base62()
                if index > 0 {
                    try lifetime(index)
                    try print(" ")
                }
            }
            if tag == "Q" { try print("mut ") }
            try type()
        case "P", "O":
            try print(tag == "P" ? "*const " : "*mut ")
            try type()
        case "A":
            try print("[")
            try type()
            try print("; ")
            try constant()
            try print("]")
        case "S":
            try print("[")
            try type()
            try print("]")
        case "T":
            try print("(")
            let count = try list(separator: ", ") { parser throws in try parser.type() }
            try print(count == 1 ? ",)" : ")")
        case "F": try functionType()
        case "D": try dynamicType()
        case "B": try backReference { parser throws in try parser.type() }
        default:
            position -= 1
            try path(inValue: false)
        }
    }

    private mutating func functionType() throws {
        let outer = boundLifetimes
        defer { boundLifetimes = outer }
        try binder()
        if accept(85) { try print("unsafe ") }
        if accept(75) {
            let abi = accept(67) ? "C" : try identifier().replacing("_", with: "-")
            try print("extern \"\(abi)\" ")
        }
        try print("fn(")
        try list(separator: ", ") { parser throws in try parser.type() }
        try print(")")
        if accept(117) { return }  // u: the unit is left out
        try print(" -> ")
        try type()
    }

    private mutating func dynamicType() throws {
        let outer = boundLifetimes
        try print("dyn ")
        try binder()
        try list(separator: " + ") { parser throws in try parser.dynamicTrait() }
        boundLifetimes = outer
        guard accept(76) else { throw Malformed() }
        let index = try base62()
        if index > 0 {
            try print(" + ")
            try lifetime(index)
        }
    }

    private mutating func dynamicTrait() throws {
        try path(inValue: false)
        while accept(112) {  // p: associated type
            try print("<\(try identifier()) = ")
            try type()
            try print(">")
        }
    }

    private mutating func binder() throws {
        guard accept(71) else { return }
        let count = try base62() &+ 1
        guard count <= 64 else { throw Malformed() }
        try print("for<")
        for index in 0..<count {
            if index > 0 { try print(", ") }
            boundLifetimes += 1
            try lifetime(1)
        }
        try print("> ")
    }

    private mutating func constant() throws {
        try enter()
        defer { depth -= 1 }
        let tag = try next()
        switch tag {
        case "p": try print("_")
        case "B": try backReference { parser throws in try parser.constant() }
        case "b": try print(try hexadecimal() == "1" ? "true" : "false")
        default:
            guard Self.basicTypes[tag] != nil else { throw Malformed() }
            if accept(110) { try print("-") }
            let digits = try hexadecimal()
            try print(UInt64(digits, radix: 16).map { String($0) } ?? "0x\(digits)")
        }
    }

    // MARK: Terminals

    private mutating func lifetime(_ index: UInt64) throws {
        guard index > 0 else { return try print("'_") }
        guard index <= boundLifetimes else { throw Malformed() }
        let number = boundLifetimes - index
        guard number < 26 else { return try print("'_\(number)") }
        try print("'" + String(UnicodeScalar(UInt8(97 + number))))
    }

    private mutating func identifier() throws -> String {
        let isPunycode = accept(117)
        var length = 0
        guard let first = peek(), (48...57).contains(first) else { throw Malformed() }
        if first == 48 {
            position += 1
        } else {
            while let digit = peek(), (48...57).contains(digit), length < 1 << 20 {
                length = length * 10 + Int(digit - 48)
                position += 1
            }
        }
        _ = accept(95)  // separates digits from a name that begins with one
        guard length <= bytes.count - position else { throw Malformed() }
        let name = String(decoding: bytes[position..<position + length], as: UTF8.self)
        position += length
        return isPunycode ? "punycode{\(name)}" : name
    }

    private mutating func disambiguator() throws -> UInt64 {
        accept(115) ? try base62() &+ 1 : 0
    }

    /// `_` is 0, `0_` is 1, …
    private mutating func base62() throws -> UInt64 {
        if accept(95) { return 0 }
        var value: UInt64 = 0
        while let byte = peek(), byte != 95 {
            let digit: UInt64
            switch byte {
            case 48...57: digit = UInt64(byte - 48)
            case 97...122: digit = UInt64(byte - 97) + 10
            case 65...90: digit = UInt64(byte - 65) + 36
            default: throw Malformed()
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 62)
            guard !overflow else { throw Malformed() }
            value = product &+ digit
            position += 1
        }
        guard accept(95) else { throw Malformed() }
        return value &+ 1
    }

    private mutating func hexadecimal() throws -> String {
        var digits = ""
        while let byte = peek(), byte != 95 {
            guard (48...57).contains(byte) || (97...102).contains(byte), digits.count < 64 else {
                throw Malformed()
            }
            digits.unicodeScalars.append(UnicodeScalar(byte))
            position += 1
        }
        guard accept(95) else { throw Malformed() }
        return digits.isEmpty ? "0" : digits
    }

    private mutating func backReference(_ body: (inout Self) throws -> Void) throws {
        let start = position - 1
        let target = try base62()
        guard target < UInt64(start) else { throw Malformed() }
        guard !isQuiet else { return }
        let after = position
        position = Int(target)
        try body(&self)
        position = after
    }

    @discardableResult
    private mutating func list(
        separator: String, _ element: (inout Self) throws -> Void
    ) throws -> Int {
        var count = 0
        while !accept(69) {  // E
            if count > 0 { try print(separator) }
            try element(&self)
            count += 1
        }
        return count
    }

    private mutating func enter() throws {
        depth += 1
        guard depth <= Self.deepest else { throw Malformed() }
    }

    private mutating func print(_ text: String) throws {
        guard !isQuiet else { return }
        output += text
        guard output.utf8.count <= Self.longest else { throw Malformed() }
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func next() throws -> Character {
        guard let byte = peek() else { throw Malformed() }
        position += 1
        return Character(UnicodeScalar(byte))
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private static let basicTypes: [Character: String] = [
        "a": "i8", "b": "bool", "c": "char", "d": "f64", "e": "str", "f": "f32", "h": "u8",
        "i": "isize", "j": "usize", "l": "i32", "m": "u32", "n": "i128", "o": "u128", "p": "_",
        "s": "i16", "t": "u16", "u": "()", "v": "...", "x": "i64", "y": "u64", "z": "!",
    ]
}
