import Glibc

/// The linker names in a library that this process has mapped: real ones, whatever machine it is.
enum MappedNames {
    /// Of the first library whose path has `library`, those that begin with `prefix`.
    static func names(in library: String, prefix: String) -> [String] {
        var path: String?
        strings(in: "/proc/self/maps", endingIn: "\n") { line in
            guard path == nil, strstr(line, library) != nil, let slash = strchr(line, 47) else {
                return
            }
            path = String(cString: slash).replacing("\n", with: "")
        }
        var names: [String] = []
        strings(in: path ?? "", endingIn: "\0") { text in
            guard strncmp(text, prefix, prefix.utf8.count) == 0 else { return }
            names.append(String(cString: text))
        }
        return names
    }

    /// Libraries have megabytes, which Swift takes seconds for in a debug build.
    private static func strings(
        in path: String, endingIn end: Unicode.Scalar, _ body: (UnsafePointer<CChar>) -> Void
    ) {
        guard let file = fopen(path, "r") else { return }
        defer { fclose(file) }
        var text: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(text) }
        while getdelim(&text, &capacity, Int32(end.value), file) > 0 {
            if let text { body(text) }
        }
    }
}
