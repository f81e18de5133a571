package import ProfileModel

/// The 20,000 functions all services of the fleet choose from; a name has 47 bytes on average.
package struct FunctionNames: Sendable {
    private let functions: [Function]

    package init(count: Int = 20_000) {
        var random = Random(seed: 20_000)
        let words = [
            "http", "server", "handle", "request", "encode", "buffer", "allocate", "cluster",
            "parse", "message", "transport", "session", "commit", "iterator", "visit", "schedule",
        ]
        functions = (0..<count).map { number in
            let parts = (0..<Int.random(in: 3...6, using: &random)).map { _ in
                words[Int.random(in: 0..<words.count, using: &random)]
            }
            let name = parts.joined(separator: "::") + "::f\(number)(char const*)"
            return Function(
                name: name, systemName: "_ZN" + parts.joined() + "E\(number)",
                file: "/src/\(parts[0])/\(parts[1])_\(number / 40).cpp")
        }
    }

    package var count: Int { functions.count }

    package subscript(_ number: Int) -> Function { functions[number] }
}
