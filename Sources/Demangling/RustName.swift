/// Rust's two manglings.
enum RustName {
    /// Legacy names are C++ names whose last part is a hash: `core::ptr::drop::h0123456789abcdef`.
    /// Nil when `readable`, as the C++ demangler gave it, is not such a name.
    static func legacy(demangled readable: String) -> String? {
        // By bytes: every C++ name is asked for it.
        let ending = readable.utf8.suffix(19)
        guard ending.starts(with: "::h".utf8), ending.count == 19,
            ending.dropFirst(3).allSatisfy(isHexadecimal)
        else { return nil }
        return unescape(String(readable[..<ending.startIndex]))
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Behind a legacy name that something was appended to, before its dot: dots within are its own.
    static func endOfLegacy(_ name: String) -> String.Index? {
        let bytes = Array(name.utf8)
        guard name.hasPrefix("_ZN"), bytes.count > 21 else { return nil }
        for dot in 21..<bytes.count where bytes[dot] == UInt8(ascii: ".") {
            let hash = bytes[(dot - 20)..<dot]
            guard hash.starts(with: "17h".utf8), hash.last == UInt8(ascii: "E") else { continue }
            return name.utf8.index(name.utf8.startIndex, offsetBy: dot)
        }
        return nil
    }

    /// `$LT$` and friends stand for what an assembler does not take; `..` stands for `::`.
    private static func unescape(_ path: String) -> String {
        let escapes = [
            "SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ",",
        ]
        var result = ""
        var rest = path[...]
        while let first = rest.first {
            if first == "$", let end = rest.dropFirst().firstIndex(of: "$") {
                let code = String(rest[rest.index(after: rest.startIndex)..<end])
                if let text = escapes[code] {
                    result += text
                } else if code.hasPrefix("u"), let value = UInt32(code.dropFirst(), radix: 16),
                    let scalar = Unicode.Scalar(value)
                {
                    result.unicodeScalars.append(scalar)
                } else {
                    result += "$\(code)$"
                }
                rest = rest[rest.index(after: end)...]
            } else if rest.hasPrefix("..") {
                result += "::"
                rest = rest.dropFirst(2)
            } else if first == "_", rest.dropFirst().first == "$",
                result.isEmpty || result.hasSuffix("::")
            {
                rest = rest.dropFirst()  // stands before an escape that begins a part
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// v0 names (RFC 2603).
    static func demangle(v0 name: String) -> String? {
        var parser = RustV0Parser(name)
        return parser.parse()
    }
}
