import Demangling
import Testing

@Suite struct NameStyleTests {
    @Test(arguments: [
        ("memcpy@@GLIBC_2.14", "memcpy"), ("_Z3foov@plt", "_Z3foov@plt"),
        ("_Z3foov.cold", "_Z3foov.cold"), ("$s4main3addyS2i_SitF", "$s4main3addyS2i_SitF"),
        ("_ZSt4cout@@GLIBCXX_3.4", "_ZSt4cout"), ("a.b@@V_1-x", "a.b"), ("@", "@"), ("a@", "a@"),
        (#"go:struct { F int "json:\"a@b\"" }"#, #"go:struct { F int "json:\"a@b\"" }"#),
    ])
    func `gives the linker's name without its version`(name: String, linker: String) {
        #expect(Demangler.displayName(name, style: .linker) == linker)
    }

    @Test(
        arguments: NameStyle.allCases,
        [
            "_D4core6thread8osthread6Thread5startMFNbZCQBhQBfQBdQBa", "_Dmain", "main", "",
            "runtime.(*mheap).alloc", "_Z", "$s", "_R",
        ])
    func `leaves D's names, and those of no language we know`(style: NameStyle, name: String) {
        #expect(Demangler.displayName(name, style: style) == name)
    }

    @Test(arguments: [
        ("_Z3foov.cold", "foo [clone .cold]"), ("_Z3foov.part.0", "foo [clone .part.0]"),
        ("_ZL3foo.cold", "foo [cold]"), ("_RNvC7mycrate3foo.cold", "mycrate::foo [cold]"),
        ("_RNvC7mycrate3foo.llvm.123", "mycrate::foo"),
        ("_ZN3foo3bar17h0123456789abcdefE.cold.1", "foo::bar [cold.1]"),
    ])
    func `keeps what a compiler appended to a short name`(mangled: String, short: String) {
        #expect(Demangler.displayName(mangled, style: .short) == short)
    }
}
