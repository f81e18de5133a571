import Demangling
import Testing

@Suite struct DemanglerTests {
    // C++: as c++filt of binutils 2.40 prints them. Swift: as `swift demangle` does. Rust: RFC 2603's
    // examples, and names of rustc 1.7x as `rustfilt` prints them.
    @Test(arguments: [
        ("_Z3foov", "foo()"),
        ("_ZN3foo3barEi", "foo::bar(int)"),
        (
            "_ZNSt6vectorIiSaIiEE9push_backERKi",
            "std::vector<int, std::allocator<int> >::push_back(int const&)"
        ),
        ("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const"),
        ("_ZN12_GLOBAL__N_14workEv", "(anonymous namespace)::work()"),
        ("$s4main3addyS2i_SitF", "main.add(Swift.Int, Swift.Int) -> Swift.Int"),
        (
            "$sSS7cStringSSSPys4Int8VG_tcfC",
            "Swift.String.init(cString: Swift.UnsafePointer<Swift.Int8>) -> Swift.String"
        ),
        ("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"),
        (
            "_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
            "<alloc::string::String as core::fmt::Display>::fmt"
        ),
        ("_RNvC6_123foo3bar", "123foo::bar"),
        ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
        ("_RNvNtC7mycrate3mod4func", "mycrate::mod::func"),
        ("_RINvC7mycrate7genericlE", "mycrate::generic::<i32>"),
    ])
    func `reads a mangled name`(mangled: String, readable: String) {
        #expect(Demangler.displayName(mangled) == readable)
    }

    @Test(arguments: [
        ("_Z3foov.cold", "foo() [clone .cold]"), ("_Z3foov.part.0", "foo() [clone .part.0]"),
        ("memcpy@@GLIBC_2.14", "memcpy"), ("_Z3foov@plt", "foo()@plt"),
        ("malloc@plt", "malloc@plt"), ("a.b@@V_1-x", "a.b"),
        ("_RNvC7mycrate3foo.cold", "mycrate::foo [cold]"),
        ("_RNvC7mycrate3foo.llvm.123", "mycrate::foo"),
        ("_ZN3foo3bar17h0123456789abcdefE.cold.1", "foo::bar [cold.1]"),
        (
            "_ZN3foo29_$LT$a..b$u20$as$u20$c..d$GT$3bar17h0123456789abcdefE.llvm.123",
            "foo::<a::b as c::d>::bar"
        ),
    ])
    func `keeps what a compiler appended, apart`(mangled: String, readable: String) {
        #expect(Demangler.displayName(mangled) == readable)
    }

    @Test(arguments: [
        "main", "", "_", "_Z", "_R", "$s", "_ZN", "malloc", "__libc_start_main", "_T0", "_RNv",
        "a.b.c", "Ünïcödé", "_RC0", "$s1\0",
    ])
    func `leaves a name that is not mangled as it is`(name: String) {
        #expect(Demangler.displayName(name) == name)
    }

    private static let vectors = [
        "_ZNSt6vectorIiSaIiEE9push_backERKi", "$sSS7cStringSSSPys4Int8VG_tcfC",
        "_ZN60_$LT$alloc..string..String$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
        "_RNvXs_NtC7mycrate3modNtB4_6StructNtNtC4core3fmt5Debug3fmt",
        "_RINvNtC3std3mem8align_ofNtNtC3std3mem12DiscriminantE",
    ]

    @Test(arguments: vectors) func `survives every truncation and mutation`(name: String) {
        let bytes = Array(name.utf8)
        for length in 0..<bytes.count {
            _ = Demangler.displayName(String(decoding: bytes[..<length], as: UTF8.self))
        }
        let letters = Array("_0129azBEINRSXZ$.\u{80}".utf8)
        for place in bytes.indices {
            for letter in letters {
                var bad = bytes
                bad[place] = letter
                _ = Demangler.displayName(String(decoding: bad, as: UTF8.self))
            }
        }
    }

    @Test(arguments: [
        "_R" + String(repeating: "NvC", count: 2_000), "_RNvB_3foo", "_RNvNvB_3fooB_",
        "_R" + String(repeating: "IB_", count: 2_000), "_RINvC1a1bB_E",
        "_RINvC1a1b" + String(repeating: "TB9_B9_", count: 100) + "E",
        "_Z" + String(repeating: "P", count: 7_000) + "i",
        "_ZN" + String(repeating: "1a", count: 3_000),
        "_Z1f" + String(repeating: "DpT_", count: 500),
        "$s" + String(repeating: "S", count: 7_000),
        "$s4main" + String(repeating: "yy", count: 3_000),
        "_RNvC99999999999999999999a", "_RNvC6u0____3bar", "_Z99999999999999999999a",
    ])
    func `survives recursion, loops and absurd lengths`(name: String) {
        #expect(Demangler.displayName(name).utf8.count < 1 << 20)
    }

    /// Types of two of the one before, 60 times: read, they would take all the memory there is.
    private static let doublings = [
        "_Z1fSt4pairIiiE"
            + (0..<60).map { level in
                let digits = String(level, radix: 36, uppercase: true)
                return "S_IS\(digits)_S\(digits)_E"
            }.joined(),
        "$s1m1fyyAA1PVy" + String(repeating: "ADy", count: 20) + "S2iG"
            + "EFGHIJKLMNOPQRSTUVWX".map { "A\($0)G" }.joined() + "F",
        "$s1m1fyyAA1PVyS2iGA2000EA2000EA2000EA2000EA2000EtF",
        "_Z1fIJiiiiiiiiEEv" + String(repeating: "Dp1gI", count: 12) + "T_"
            + String(repeating: "T_E", count: 12),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: doublings)
    func `does not read a name that stands for gigabytes`(name: String) {
        #expect(Demangler.displayName(name).utf8.count < 1 << 20)
    }

    @Test func `reads names with many references`() {
        let name = "_Z1fSt4pairIiiES_IS0_S0_ES_IS1_S1_E"
        #expect(Demangler.displayName(name).hasPrefix("f(std::pair<int, int>, std::pair<std::"))
        let swift = "$s1m1fyyAA1PVyADyADyS2iGAEGAFGF"
        #expect(Demangler.displayName(swift).hasPrefix("m.f(m.P<m.P<m.P<Swift.Int, Swift.Int>"))
    }

    @Test func `does not touch names of many kilobytes`() {
        let name = "_Z" + String(repeating: "1a", count: 10_000)
        #expect(Demangler.displayName(name) == name)
    }
}
