import ProfileModel
import ProfileStore
import Testing

@testable import ProfileQuery

@Suite struct SelectorTests {
    private static let type = ProfileType.cpu.id

    @Test(
        arguments: [
            ("{}", []), ("  { }  ", []), (type, []), ("\(type){}", []),
            (#"{a="b"}"#, [LabelMatcher("a", .equal, "b")]),
            (#"{a="b",}"#, [LabelMatcher("a", .equal, "b")]),
            (
                #"{a != "b", c=~'d.*', e!~`f\.`}"#,
                [
                    LabelMatcher("a", .notEqual, "b"), LabelMatcher("c", .matches, "d.*"),
                    LabelMatcher("e", .doesNotMatch, "f\\."),
                ]
            ),
            (#"{a="\"\\\n\t\x41\u00e9"}"#, [LabelMatcher("a", .equal, "\"\\\n\tAé")]),
            (#"{"quoted name"="x"}"#, [LabelMatcher("quoted name", .equal, "x")]),
            (#"{a=""}"#, [LabelMatcher("a", .equal, "")]),
            (#"{k8s.pod="x"}"#, [LabelMatcher("k8s.pod", .equal, "x")]),
        ] as [(String, [LabelMatcher])])
    func `reads a selector`(text: String, matchers: [LabelMatcher]) throws {
        #expect(try Selector(text).matchers == matchers)
    }

    @Test(arguments: [
        "\(type){}", "\(type):delta{}", #"{__profile_type__="\#(type)"}"#, #"{"\#(type)"}"#,
    ])
    func `reads the profile type wherever it may stand`(text: String) throws {
        #expect(try Selector(text).type == .cpu)
    }

    @Test(arguments: [
        ("", "at character 1"), ("{", "at character 2"), ("{a}", "operator"),
        ("{a=}", "quoted value"),
        ("{a=b}", "quoted value"), (#"{a="b"#, "closing"), (#"{a="b" c="d"}"#, ", or }"),
        (#"{a="b"}}"#, "the end"), (#"{="b"}"#, "label name"), (#"{1a="b"}"#, "label name"),
        ("cpu{}", "profile type"), ("a:b:c{}", "profile type"), (#"{a=="b"}"#, "quoted value"),
        (#"{a="\q"}"#, "escape"), (#"{a="\xZZ"}"#, "hexadecimal"),
        (#"{a="\ud800"}"#, "hexadecimal"),
        ("{,}", "label name"),
    ])
    func `says where and what it cannot read`(text: String, words: String) {
        let error = #expect(throws: QueryError.self) { try Selector(text) }
        #expect(error?.code == .invalid)
        #expect(error?.parameter == "query")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `a selector that ends anywhere is read or refused, and never traps`() {
        let whole = #"\#(Self.type){a="b\n\x41\u00e9", c!='d', e=~`f`, "g h"!~"i", j.k=""}"#
        for length in 0..<whole.unicodeScalars.count {
            let cut = String(String.UnicodeScalarView(whole.unicodeScalars.prefix(length)))
            // Up to the brace it is a type, or none; from there on the end is missing.
            if length > Self.type.count || length == 0 {
                #expect(throws: QueryError.self, "\(cut)") { try Selector(cut) }
            } else {
                _ = try? Selector(cut)
            }
        }
        #expect((try? Selector(whole)) != nil)
    }
}
