import ByteReading
import ProfileModel

/// Go's `.gopclntab` (Go's src/debug/gosym/pclntab.go and src/runtime/symtab.go): what functions
/// there are, and for each how far the stack pointer is from where it was at its entry.
///
/// Read are those of Go 1.2 and later on x86-64.
struct GoLineTable: ~Escapable {
    let bytes: RawSpan
    let layout: GoLineTableLayout
    /// What function entries are relative to.
    private let text: UInt64

    /// Some 40 times those of the largest programs.
    static let maximumFunctions: UInt64 = 1 << 22

    /// Nil for what is no Go line table, or one that needs `text` where there is none.
    @_lifetime(copy bytes)
    init?(_ bytes: RawSpan, text: ImageAddress?) {
        guard let layout = try? GoLineTableLayout(parsing: bytes) else { return nil }
        switch layout.text {
        case .absolute: self.text = 0
        case .relative(to: 0):
            guard let text else { return nil }
            self.text = text.value
        case .relative(let start): self.text = start
        }
        self.bytes = bytes
        self.layout = layout
    }

    /// All functions, by address, and how many could not be read or were out of order.
    func functions() -> (functions: [GoFunction], malformed: Int) {
        var functions: [GoFunction] = []
        var malformed = 0
        var table = ByteReader(bytes)
        guard (try? table.seek(to: layout.functions)) != nil,
            var entry = try? readEntry(&table)
        else { return ([], 1) }
        let count = min(layout.count, Self.maximumFunctions)
        var index: UInt64 = 0
        while index < count, let next = try? readEntry(&table) {
            index += 1
            guard next.start > entry.start else {
                malformed += 1
                continue
            }
            if let function = try? readFunction(entry, end: next.start) {
                functions.append(function)
            } else {
                malformed += 1
            }
            entry = next
        }
        return (functions, index < count ? malformed + 1 : malformed)
    }

    /// How far the stack pointer of `cgocall` is below where it was at its entry, when it calls: a Go
    /// function opens its frame at once. Nil when there is no such function, or it has no frame.
    func cgocallDelta(among functions: [GoFunction]) -> Int32? {
        guard let cgocall = functions.first(where: { $0.role == .cgocall }) else { return nil }
        var largest: Int32 = 0
        let isWhole = forEachDelta(of: cgocall) { _, _, delta in largest = max(largest, delta) }
        return isWhole && largest >= 8 ? largest : nil
    }

    /// Whether the function table lies within the bytes, and begins with functions in order.
    var isSound: Bool {
        var table = ByteReader(bytes)
        let entrySize = layout.hasNarrowEntries ? 8 : 16
        guard layout.count > 0, layout.count <= Self.maximumFunctions,
            (try? table.seek(to: layout.functions)) != nil,
            UInt64(table.remaining / entrySize) >= layout.count,
            let first = try? readEntry(&table), let second = try? readEntry(&table),
            second.start > first.start
        else { return false }
        return (try? readFunction(first, end: second.start)) != nil
    }

    typealias Entry = (start: UInt64, details: UInt64)

    /// An entry of the function table: an address, and where the details are.
    func readEntry(_ table: inout ByteReader) throws(ReadError) -> Entry {
        if layout.hasNarrowEntries {
            let start = UInt64(try table.read(UInt32.self))
            // The last entry has only an address.
            let details = table.remaining >= 4 ? UInt64(try table.read(UInt32.self)) : 0
            return (text &+ start, layout.details &+ details)
        }
        let start = try table.read(UInt64.self)
        let details = table.remaining >= 8 ? try table.read(UInt64.self) : 0
        return (start, layout.details &+ details)
    }

    /// The details, `_func`: entry, name, argument size, deferreturn or frame size, deltas.
    private func readFunction(_ entry: Entry, end: UInt64) throws(ReadError) -> GoFunction {
        var reader = ByteReader(bytes)
        try reader.seek(to: entry.details)
        try reader.skip(layout.hasNarrowEntries ? 4 : 8)
        let name = layout.names &+ UInt64(try reader.read(UInt32.self))
        try reader.skip(8)
        let deltas = UInt64(try reader.read(UInt32.self))
        let role = try role(ofFunctionNamed: name)
        let isEarly = role.beginsEarly && entry.start > 0
        return GoFunction(
            start: isEarly ? entry.start - 1 : entry.start, end: end,
            deltas: deltas == 0 ? nil : layout.deltas &+ deltas, role: role)
    }

    /// Most names are passed over by their first eight bytes.
    private func role(ofFunctionNamed name: UInt64) throws(ReadError) -> GoFunction.Role {
        var reader = ByteReader(bytes)
        try reader.seek(to: name)
        guard reader.remaining >= 8 else { return .ordinary }
        switch try reader.read(UInt64.self) {
        case 0x2e65_6d69_746e_7572, 0x646d_615f_3074_725f, 0x776f_6e2e_656d_6974:
            // "runtime.", "_rt0_amd", "time.now"
            try reader.seek(to: name)
            guard let name = try? reader.readCString(limit: 32) else { return .ordinary }
            return GoFunction.Role(name: name)
        default: return .ordinary
        }
    }

    /// Calls `body` with the ranges of a function, in order, and how far the stack pointer is below
    /// where it was at the function's entry. Returns false when the deltas are malformed; ranges up
    /// to there have been given.
    func forEachDelta(
        of function: GoFunction, _ body: (_ start: UInt64, _ end: UInt64, _ delta: Int32) -> Void
    ) -> Bool {
        guard let offset = function.deltas else { return false }
        var reader = ByteReader(bytes)
        guard (try? reader.seek(to: offset)) != nil else { return false }
        var address = function.start
        var delta: Int32 = -1
        var isFirst = true
        while address < function.end {
            guard let change = try? reader.readULEB128() else { return false }
            // Only the first difference may be zero; later a zero ends the table.
            if change == 0, !isFirst { return true }
            isFirst = false
            guard let length = try? reader.readULEB128(), length > 0 else { return false }
            // Zigzag: the lowest bit is the sign.
            let half = Int32(truncatingIfNeeded: change >> 1)
            delta &+= change & 1 == 0 ? half : ~half
            guard delta >= 0, delta <= GoFunction.maximumDelta else { return false }
            let (next, tooFar) = address.addingReportingOverflow(length)
            let end = tooFar ? function.end : min(next, function.end)
            body(address, end, delta)
            address = end
        }
        return true
    }
}
