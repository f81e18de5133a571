/// Rust's two manglings.
enum RustName {
    /// Legacy names are C++ names whose last part is a hash: `core::ptr::drop::h0123456789abcdef`.
    /// Nil when `readable`, as the C++ demangler gave it, is not such a name.
    static func legacy(demangled readable: String) -> String? {
        guard let range = readable.range(ofLast: "::h") else { return nil }
        let hash = readable[range.upperBound...]
        guard hash.utf8.count == 16, hash.allSatisfy({ $0.isHexDigit }) else { return nil }
        return unescape(String(readable[..<range.lowerBound]))
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

extension String {
    fileprivate func range(ofLast text: String) -> Range<String.Index>? {
        var end = endIndex
        while end > startIndex {
            if self[..<end].hasSuffix(text) {
                return index(end, offsetBy: -text.count)..<end
            }
            end = index(before: end)
        }
        return nil
    }
}
