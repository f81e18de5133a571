import ByteReading

/// Functions that a runtime made while it ran, by process address. Where two overlap, the one that was
/// added later counts: runtimes use the place of code they threw away again, and do not say so.
///
/// Bounded: when something is full the functions that were added longest ago go, to half of the limit.
struct RuntimeCode: Sendable {
    /// What it may hold.
    struct Limits: Sendable {
        /// Functions, and ranges.
        var functions = 1 << 18
        var nameBytes = 16 << 20
        var rows = 1 << 18
        /// Of names of source files; these stay.
        var fileBytes = 2 << 20
    }

    /// From which byte of a function on which line of the source counts.
    struct Row: Hashable, Sendable {
        let offset: UInt32
        let line: UInt32
        /// What `file` gave.
        let file: UInt32
    }

    /// A function's name and rows reach to the next function's.
    struct Function: Sendable {
        let name: UInt32
        let row: UInt32
        let time: UInt64
    }

    let limits: Limits
    private var added: [CodeRange] = []
    /// Sorted, disjoint.
    var ranges: [CodeRange] = []
    var functions: [Function] = []
    var names: [UInt8] = []
    var rows: [Row] = []
    private(set) var files: [String] = []
    private var fileNumbers: [String: UInt32] = [:]
    private var fileBytes = 0
    /// Functions that went, and those that were never taken.
    var dropped: UInt64 = 0
    /// Increases when functions get other numbers.
    var renumberings = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    /// Adds a function over all that were there. What makes no sense is refused: no code, more of it
    /// than 4 GiB, or some beyond the address space.
    ///
    /// - Parameters:
    ///   - name: is cut to `SymbolTableWriter.longestName`.
    ///   - rows: in order.
    /// - Returns: the function's number, good until `renumberings` changes.
    @discardableResult
    mutating func add(
        start: UInt64, size: UInt64, name: RawSpan, time: UInt64 = 0, rows: [Row] = []
    ) -> UInt32? {
        guard Self.isCode(start, size), name.byteCount > 0 else { return nil }
        let name = name.extracting(first: SymbolTableWriter.longestName)
        let rows = rows.count <= limits.rows / 4 ? rows : []
        if isFull(name.byteCount, rows.count) { halve() }
        guard !isFull(name.byteCount, rows.count) else {
            dropped += 1
            return nil
        }
        let number = UInt32(functions.count)
        functions.append(
            Function(name: UInt32(names.count), row: UInt32(self.rows.count), time: time))
        unsafe name.withUnsafeBytes { unsafe names.append(contentsOf: $0) }
        self.rows.append(contentsOf: rows)
        added.append(CodeRange(start: start, length: UInt32(size), function: number))
        return number
    }

    /// A function's code is at another place too. That the first one is free is not said: nobody runs
    /// what is left there.
    mutating func move(_ function: UInt32, to start: UInt64, size: UInt64) {
        guard Self.isCode(start, size), Int(function) < functions.count else { return }
        guard !isFull(0, 0) else {
            // Would give all functions other numbers: the next one that is added makes room.
            dropped += 1
            return
        }
        added.append(CodeRange(start: start, length: UInt32(size), function: function))
    }

    /// The number of a source file, for rows; nil when there are too many.
    mutating func file(_ name: String) -> UInt32? {
        if let known = fileNumbers[name] { return known }
        // What a string costs without its characters.
        let bytes = name.utf8.count + 64
        guard fileBytes + bytes <= limits.fileBytes else { return nil }
        fileBytes += bytes
        let number = UInt32(files.count)
        fileNumbers[name] = number
        files.append(name)
        return number
    }

    /// Makes `answer` see what was added.
    mutating func settle() {
        guard !added.isEmpty else { return }
        ranges = CodeOverlay.lay(CodeOverlay.flatten(added), over: ranges)
        added = []
    }

    private func isFull(_ nameBytes: Int, _ rows: Int) -> Bool {
        functions.count >= limits.functions || ranges.count + added.count >= limits.functions
            || names.count + nameBytes > limits.nameBytes || self.rows.count + rows > limits.rows
    }

    private static func isCode(_ start: UInt64, _ size: UInt64) -> Bool {
        size > 0 && size <= UInt64(UInt32.max) && !start.addingReportingOverflow(size).overflow
    }
}
