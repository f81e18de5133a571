import ProfileModel

extension Line {
    /// A runtime's name as people see it, and the best it tells of the source: the line of the address,
    /// else the one that the function begins on.
    init(_ answer: RuntimeCode.Answer) {
        let script = ScriptFunction(answer.name)
        let file = script?.file ?? ""
        // A row of another file is of a function that was inlined here, whose name nobody told.
        let isOwn = !answer.file.isEmpty && (file.isEmpty || file == Self.path(answer.file))
        self.init(
            function: Function(
                name: script?.name ?? answer.name, systemName: answer.name,
                file: file.isEmpty ? answer.file : file),
            number: isOwn ? answer.line : script?.line ?? 0)
    }

    private static func path(_ file: String) -> String {
        file.hasPrefix("file://") ? String(file.dropFirst(7)) : file
    }
}
