import ByteReading

extension JITDump {
    /// Records that tell something. Others, `JIT_CODE_UNWINDING_INFO` among them, are skipped.
    enum RecordKind: UInt32 {
        case load = 0
        case move = 1
        case debugInfo = 2
        case close = 3

        /// How much behind the header is read.
        var longest: Int {
            switch self {
            case .load: 40 + SymbolTableWriter.longestName + 1
            case .move: 48
            case .debugInfo: 4 << 20
            case .close: 0
            }
        }
    }

    /// Where code of a function that is yet to come is from.
    struct SourceRow {
        let address: UInt64
        let line: UInt32
        let file: UInt32
    }

    /// Code, and moves, that are waited for: more than any runtime leaves open.
    private static let awaitingLimit = 1 << 16
    private static let loadsLimit = 1 << 16
    private static let longestPath = 4096

    /// pid u32, tid u32, vma u64, address u64, size u64, index u64, name, 0, code.
    mutating func load(_ body: RawSpan, time: UInt64) -> Bool {
        var reader = ByteReader(body)
        guard (try? reader.skip(16)) != nil, let address = try? reader.read(UInt64.self),
            let size = try? reader.read(UInt64.self), let index = try? reader.read(UInt64.self),
            let name = Self.name(&reader)
        else { return false }
        let rows = awaiting.removeValue(forKey: address) ?? []
        awaitingRows -= rows.count
        // The format allows functions without code.
        guard size > 0 else { return true }
        let shift = rows.isEmpty ? 0 : Self.shift(name)
        guard
            let number = code.add(
                start: address, size: size, name: name, time: time,
                rows: Self.rows(rows, from: address &+ shift, size: size))
        else { return false }
        if code.renumberings != renumberings || loads.count >= Self.loadsLimit {
            renumberings = code.renumberings
            loads = [:]
        }
        loads[index] = number
        return true
    }

    /// pid u32, tid u32, vma u64, old address u64, new address u64, size u64, index u64.
    mutating func move(_ body: RawSpan) -> Bool {
        var reader = ByteReader(body)
        guard (try? reader.skip(24)) != nil, let address = try? reader.read(UInt64.self),
            let size = try? reader.read(UInt64.self), let index = try? reader.read(UInt64.self),
            code.renumberings == renumberings, let function = loads[index]
        else { return false }
        code.move(function, to: address, size: size)
        return true
    }

    /// address u64, count u64; each: address u64, line u32, column u32, file, 0.
    mutating func keepRows(_ body: RawSpan) -> Bool {
        var reader = ByteReader(body)
        guard let address = try? reader.read(UInt64.self), let count = try? reader.read(UInt64.self)
        else { return false }
        var rows: [SourceRow] = []
        var file: UInt32?
        var isWhole = true
        for _ in 0..<count {
            guard let place = try? reader.read(UInt64.self),
                let line = try? reader.read(UInt32.self), (try? reader.skip(4)) != nil,
                let known = self.file(&reader, before: file)
            else {
                // V8 writes wrong lengths of some names: nothing behind one can be trusted.
                isWhole = false
                break
            }
            file = known
            rows.append(SourceRow(address: place, line: line, file: known))
        }
        if awaitingRows + rows.count > Self.awaitingLimit {
            awaiting = [:]
            awaitingRows = 0
        }
        awaitingRows += rows.count - (awaiting[address]?.count ?? 0)
        awaiting[address] = rows
        return isWhole
    }

    /// A source file's number; `ff 00` stands for the one of the row before.
    private mutating func file(_ reader: inout ByteReader, before: UInt32?) -> UInt32? {
        guard let bytes = try? reader.readTerminatedBytes(), bytes.byteCount <= Self.longestPath
        else { return nil }
        let name = [UInt8](copying: bytes)
        if name == [0xff] { return before }
        guard name.allSatisfy({ $0 >= 0x20 }), let text = String(validating: name, as: UTF8.self)
        else { return nil }
        return code.file(text)
    }

    /// V8 counts addresses of rows from an ELF header that `perf inject` puts before the code.
    private static func shift(_ name: RawSpan) -> UInt64 {
        ScriptFunction(String(decoding: [UInt8](copying: name), as: UTF8.self)) == nil ? 0 : 64
    }

    private static func rows(
        _ rows: [SourceRow], from start: UInt64, size: UInt64
    ) -> [RuntimeCode.Row] {
        rows.compactMap { row in
            guard row.address >= start, row.address - start < size,
                let offset = UInt32(exactly: row.address - start)
            else { return nil }
            return RuntimeCode.Row(offset: offset, line: row.line, file: row.file)
        }.sorted { $0.offset < $1.offset }
    }

    /// A function's name, which may be longer than what is read of it.
    @_lifetime(copy reader)
    private static func name(_ reader: inout ByteReader) -> RawSpan? {
        let isCut = reader.remaining > SymbolTableWriter.longestName
        if let name = try? reader.readTerminatedBytes() { return name }
        return isCut ? try? reader.readBytes(UInt64(reader.remaining)) : nil
    }
}
