package import LinuxSystem
package import ProfileModel

/// The running kernel's functions, its modules' and its BPF programs' among them.
package struct KernelSymbols: Sendable {
    private var starts: [UInt64] = []
    private var names: [UInt32] = []
    private var modules: [UInt16] = []
    private var pool: [UInt8] = []
    private var moduleNames: [String] = ["vmlinux"]

    /// Whether the kernel shows no addresses to this process (kptr_restrict without CAP_SYSLOG).
    package private(set) var isHidden = false
    package var count: Int { starts.count }

    /// Reads `/proc/kallsyms` as it is now.
    package static func current() throws(SystemCallError) -> KernelSymbols {
        KernelSymbols(parsing: try OwnedDescriptor.contents(of: "/proc/kallsyms", limit: 256 << 20))
    }

    /// Lines are `address type name`, and `\t[module]` for what is not vmlinux (proc(5)).
    package init(parsing text: [UInt8]) {
        struct Entry {
            let start: UInt64
            let line: Range<Int>
        }
        var entries: [Entry] = []
        var sawZero = false
        var position = 0
        while position < text.count {
            let begin = position
            while position < text.count, text[position] != 10 { position += 1 }
            defer { position += 1 }
            guard let (start, rest) = Self.address(text, begin, position), position - rest > 3,
                Self.isText(text[rest + 1])
            else { continue }
            if start == 0 {
                sawZero = true
            } else {
                entries.append(Entry(start: start, line: rest + 3..<position))
            }
        }
        isHidden = entries.isEmpty && sawZero
        entries.sort { $0.start < $1.start }
        var moduleIDs: [String: UInt16] = ["vmlinux": 0]
        for entry in entries where entry.start != starts.last {
            let fields = text[entry.line].split { $0 == 9 || $0 == 32 }
            guard let name = fields.first, let place = UInt32(exactly: pool.count) else { continue }
            let module =
                fields.count > 1
                ? String(decoding: fields[1].dropFirst().dropLast(), as: UTF8.self) : "vmlinux"
            let id = moduleIDs[module] ?? UInt16(clamping: moduleNames.count)
            if moduleIDs.updateValue(id, forKey: module) == nil { moduleNames.append(module) }
            starts.append(entry.start)
            names.append(place)
            modules.append(id)
            pool += name
            pool.append(0)
        }
    }

    /// The function that begins at or before `address`. kallsyms tells no sizes, so a function
    /// reaches to the next one, and the last of all no further than a page.
    package func function(at address: ProcessAddress) -> (name: String, module: String)? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address.value { low = middle + 1 } else { high = middle }
        }
        guard low > 0, low < starts.count || address.value - starts[low - 1] < 4096 else {
            return nil
        }
        let name = pool[Int(names[low - 1])...].prefix { $0 != 0 }
        return (String(decoding: name, as: UTF8.self), moduleNames[Int(modules[low - 1])])
    }

    /// A hexadecimal number, and the position behind it.
    private static func address(_ text: [UInt8], _ begin: Int, _ end: Int) -> (UInt64, Int)? {
        var value: UInt64 = 0
        var index = begin
        while index < end, index - begin < 16 {
            let digit: UInt8
            switch text[index] {
            case 48...57: digit = text[index] - 48
            case 97...102: digit = text[index] - 87
            default: return index > begin ? (value, index) : nil
            }
            value = value << 4 | UInt64(digit)
            index += 1
        }
        return index > begin ? (value, index) : nil
    }

    /// t, T, w, W: functions, local, global and weak.
    private static func isText(_ type: UInt8) -> Bool {
        type == 116 || type == 84 || type == 119 || type == 87
    }
}
