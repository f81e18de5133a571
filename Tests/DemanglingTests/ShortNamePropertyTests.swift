import Testing

@testable import Demangling

@Suite struct ShortNamePropertyTests {
    private static let libraries = [
        ("/libstdc++.so", "_Z", NameLanguage.cxx), ("/libswiftCore.so", "$s", NameLanguage.swift),
    ]

    @Test(arguments: libraries)
    func `makes each name of a library short`(
        library: String, prefix: String, language: NameLanguage
    ) {
        let names = MappedNames.names(in: library, prefix: prefix)
        #expect(names.count > 1000)
        let odd = names.filter { name in
            let full = Demangler.displayName(name)
            let short = Demangler.displayName(name, style: .short)
            guard !short.isEmpty, short.utf8.count <= full.utf8.count else { return true }
            return full != name && (language.shortened(short) != short || !isBalanced(short))
        }
        #expect(odd == [])
    }

    /// Whether brackets match; true of operators, which have some that do not.
    private func isBalanced(_ name: String) -> Bool {
        guard !name.contains("operator"), !name.contains("fix") else { return true }
        var open: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"):
                open.append(byte)
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ">"):
                guard open.popLast() == NameText.opening(byte) else { return false }
            default: break
            }
        }
        return open.isEmpty
    }

    /// Identifiers that are none, which take the places of words and brackets.
    private static let hostile = [
        "(", ")", "<", ">", "[", "]", "{", "}", ")(", "><", "(<", "<(", " ", ".", ":", "::<", "`",
        "#1 ", " in ", "operator", "operator<", "operator (", "generic ", "for ", " thunk to ",
        " [clone ", "<impl ", "(in _0).", " : ", " -> ", "(*", "decltype (", "- ", "->", "é", ", ",
    ]

    @Test(.timeLimit(.minutes(1)), arguments: hostile)
    func `survives kilobytes of anything`(part: String) {
        for count in [1, 2, 2000] {
            let identifier = String(repeating: part, count: count).prefix(7_900)
            let length = identifier.utf8.count
            for name in [
                "_Z\(length)\(identifier)v", "_ZN1a\(length)\(identifier)Ei",
                "_RNvC1a\(length)\(identifier)", "_RINvC\(length)_\(identifier)1fmE",
                "$s1m\(length)\(identifier)yyF", "$s1m1f\(length)\(identifier)yyF",
            ] {
                for style in NameStyle.allCases {
                    #expect(!Demangler.displayName(name, style: style).isEmpty)
                }
            }
            for language in [NameLanguage.cxx, .rust, .swift] {
                let long = String(repeating: part, count: count * 10)
                #expect(!language.shortened("f" + long).isEmpty)
                #expect(!language.shortened(long).isEmpty)
            }
        }
    }
}
