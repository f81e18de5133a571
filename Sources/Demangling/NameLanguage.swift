/// What a name was written in, which decides how it is made short.
enum NameLanguage {
    case cxx, rust, swift

    /// Longer names stay as they are: reading them takes memory, and nobody reads the result.
    private static let longestName = 1 << 20

    /// `name`, as a demangler gave it, without what a flame graph has no room for; `name` itself where
    /// it does not read as the language does, since half a name would be a wrong one.
    func shortened(_ name: String) -> String {
        guard name.utf8.count <= Self.longestName, let short = read(NameText(name)),
            !short.isEmpty, short.count <= name.utf8.count
        else { return name }
        return String(decoding: short, as: UTF8.self)
    }

    private func read(_ text: NameText) -> [UInt8]? {
        switch self {
        case .cxx: CXXShortName.read(text)
        case .rust: RustShortName.read(text)
        case .swift: SwiftShortName.read(text)
        }
    }
}
