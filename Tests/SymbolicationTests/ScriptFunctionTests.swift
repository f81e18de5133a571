import Testing

@testable import Symbolication

@Suite struct ScriptFunctionTests {
    struct Vector: Sendable {
        let text: String
        let name: String
        let file: String
        let line: UInt32
    }

    static let vectors = [
        Vector(text: "JS:*fib /srv/w.js:1:13", name: "fib", file: "/srv/w.js", line: 1),
        Vector(text: "JS:~fib /srv/w.js:1:13", name: "fib", file: "/srv/w.js", line: 1),
        Vector(text: "JS:^fib /srv/w.js:1:13", name: "fib", file: "/srv/w.js", line: 1),
        Vector(text: "JS:+'fib /srv/w.js:1:13", name: "fib", file: "/srv/w.js", line: 1),
        Vector(text: "JS:fib /srv/w.js:1:13", name: "fib", file: "/srv/w.js", line: 1),
        Vector(text: "LazyCompile:*foo /a/file.js:12:3", name: "foo", file: "/a/file.js", line: 12),
        Vector(text: "LazyCompile:*foo /a/file.js:12", name: "foo", file: "/a/file.js", line: 12),
        Vector(text: "Function:~Foo.bar a.js:7:1", name: "Foo.bar", file: "a.js", line: 7),
        Vector(
            text: "JS:~normalize node:path:94:25", name: "normalize", file: "node:path", line: 94),
        Vector(
            text: "JS:*get size /opt/my app/a.js:3:4", name: "get size", file: "/opt/my app/a.js",
            line: 3),
        Vector(
            text: "JS:*get [Symbol.iterator] file:///srv/m.mjs:5:6", name: "get [Symbol.iterator]",
            file: "/srv/m.mjs", line: 5),
        Vector(text: "JS:~ /srv/w.js:1:1", name: "(anonymous)", file: "/srv/w.js", line: 1),
        Vector(text: "Script:~ /srv/w.js:1:1", name: "(anonymous)", file: "/srv/w.js", line: 1),
        Vector(text: "Eval:~ node:os:1:1", name: "(anonymous)", file: "node:os", line: 1),
        Vector(text: "JS:~/srv/w.js:1:1", name: "(anonymous)", file: "/srv/w.js", line: 1),
        Vector(text: "JS:*foo", name: "foo", file: "", line: 0),
        Vector(text: "JS:*foo ", name: "foo", file: "", line: 0),
        Vector(text: "JS:*", name: "(anonymous)", file: "", line: 0),
        Vector(text: "JS:", name: "(anonymous)", file: "", line: 0),
        Vector(text: "JS:*a::", name: "a::", file: "", line: 0),
        Vector(text: "JS:*f x:99999999999:1", name: "f", file: "x:99999999999", line: 1),
        Vector(text: "JS:*número /ü/é.js:4:1", name: "número", file: "/ü/é.js", line: 4),
    ]

    @Test(arguments: vectors)
    func `tells name, file and line`(_ vector: Vector) {
        let function = ScriptFunction(vector.text)
        #expect(function?.name == vector.name)
        #expect(function?.file == vector.file)
        #expect(function?.line == vector.line)
    }

    @Test(arguments: [
        "", "fib", "Builtin:ArrayMap", "BytecodeHandler:LdaZero", "RegExp:[a-z]:3:4",
        "js:*f /a:1:2",
        "void java.util.HashMap.resize()", "java.lang.Object Foo::bar(int)", "py::fib:/srv/w.py",
        "I2C/C2I adapters", "std::vector<int>::push_back", "JS", ":",
    ])
    func `leaves other names alone`(_ text: String) {
        #expect(ScriptFunction(text) == nil)
    }
}
