/// Assembles `.gopclntab` sections.
struct GoLineBytes {
    struct Function {
        var name: String
        var start: UInt64
        /// Differences as the table has them: of the stack pointer delta, and how far they hold.
        var deltas: [(change: Int32, length: UInt64)]
    }

    enum Version: UInt32, CaseIterable {
        case go2 = 0xffff_fffb
        case go16 = 0xffff_fffa
        case go18 = 0xffff_fff0
        case go20 = 0xffff_fff1
    }

    var version = Version.go20
    var text: UInt64 = 0x1_1000
    /// What the header says; nil: the truth.
    var headerText: UInt64?
    var functions: [Function] = []
    var end: UInt64 = 0x1_2000

    private var isNarrow: Bool { version == .go18 || version == .go20 }

    var bytes: [UInt8] {
        var names: [UInt8] = [0]
        var deltas: [UInt8] = [0]
        var details: [UInt8] = []
        var table: [UInt8] = []
        let tableSize = functions.count * (isNarrow ? 8 : 16) + (isNarrow ? 4 : 8)
        let header = version == .go2 ? 16 : isNarrow ? 72 : 64
        // One piece in Go 1.2: all offsets are from its beginning, names and deltas stand last.
        let detailSize = functions.count * 40
        let isOne = version == .go2
        let tail = header + tableSize + detailSize
        let nameBase = isOne ? tail + 4096 : 0
        let deltaBase = isOne ? tail : 0
        for function in functions {
            let offset = (isOne ? header : 0) + tableSize + details.count
            let start = isNarrow ? function.start - text : function.start
            table += little(start, isNarrow ? 4 : 8) + little(UInt64(offset), isNarrow ? 4 : 8)
            var detail = little(start, isNarrow ? 4 : 8)
            detail += little(UInt64(nameBase + names.count), 4) + little(0, 8)
            detail += little(UInt64(deltaBase + deltas.count), 4)
            details += detail + [UInt8](repeating: 0, count: 40 - detail.count)
            names += Array(function.name.utf8) + [0]
            for (change, length) in function.deltas {
                deltas += uleb(UInt64(UInt32(bitPattern: change << 1 ^ change >> 31)))
                deltas += uleb(length)
            }
            deltas.append(0)
        }
        table += little(isNarrow ? end - text : end, isNarrow ? 4 : 8)
        var bytes = little(UInt64(version.rawValue), 4) + [0, 0, 1, 8]
        bytes += little(UInt64(functions.count), 8)
        if isOne {
            deltas += [UInt8](repeating: 0, count: 4096 - deltas.count)
            return bytes + table + details + deltas + names
        }
        let parts = [names, [], [], deltas, table + details]
        bytes += little(0, 8)
        if isNarrow { bytes += little(headerText ?? text, 8) }
        var offset = header
        for part in parts {
            bytes += little(UInt64(offset), 8)
            offset += part.count
        }
        return bytes + parts.flatMap { $0 }
    }
}
