import Testing

@testable import ProfileStore

/// Regular expressions as RE2 reads them, always against the whole value, a dot for any character as
/// in Prometheus 3.
@Suite struct LabelPatternTests {
    @Test(arguments: [
        ("", "", true), ("", "a", false), ("a", "a", true), ("a", "aa", false), ("a*", "", true),
        ("a*", "aaa", true), ("a+b?", "aab", true), ("a+b?", "b", false), ("a|bc", "bc", true),
        ("(a|b)c", "bc", true), ("a|b|", "", true), (".", "é", true), (".*", "any thing", true),
        (".", "\n", true), ("(?s).", "\n", true), ("(?i)AbC", "aBc", true), ("[a-c]x", "bx", true),
        ("[^a-c]x", "bx", false), ("[^a]", "é", true), ("[]a]", "]", true), ("[a\\]]+", "a]", true),
        ("\\d{2,3}", "12", true), ("\\d{2,3}", "1", false), ("\\d{2,3}", "1234", false),
        ("a{2}", "aa", true), ("a{,2}", "a{,2}", true), ("\\w+\\.\\w+", "a_1.b", true),
        ("\\s\\S", " x", true), ("x\\.y", "xzy", false), ("(?:ab)+", "abab", true),
        ("^abc$", "abc", true), ("a.*?b", "axxb", true), ("\\x41\\x{1F525}", "A🔥", true),
        ("[[:alpha:]]+", "abc", true), ("[[:alpha:]]+", "ab1", false), ("(?P<n>a)b", "ab", true),
        ("\\Qa.b\\E", "a.b", true), ("web-[0-9]+", "web-17", true),
    ])
    func `matches as RE2 does`(pattern: String, text: String, isMatch: Bool) throws {
        #expect(try LabelPattern(pattern).matches(text) == isMatch)
    }

    @Test(arguments: [
        "(", ")", "[", "[a", "*", "a**b(", "a{3,2}", "a{2000}", "\\", "(?<!a)b", "(?=a)", "\\1",
        "[b-a]",
        "(?P<>a)", "\\x{110000}", "(?z)a",
    ])
    func `says what it does not take`(pattern: String) {
        let error = #expect(throws: StoreError.self) { try LabelPattern(pattern) }
        #expect(error?.code == .badMatcher)
        #expect(error?.message.isEmpty == false)
    }

    @Test(arguments: ["(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)b", "(a?){30}a{30}"])
    func `takes time in proportion to the text`(pattern: String) throws {
        let text = String(repeating: "a", count: 5_000)
        #expect(try !LabelPattern(pattern).matches(text))
    }
}
