/// What `/proc/PID/stat` says of a process (`proc_pid_stat(5)`).
package struct ProcessStatus: Hashable, Sendable {
    package let tgid: UInt32
    /// The leader's name, at most 15 bytes (64 for kernel workers, which append what they work on).
    package let command: String
    /// `R`, `S`, `Z`…
    package let state: Character
    package let parent: UInt32
    /// PF_KTHREAD (`include/linux/sched.h`).
    package let isKernelThread: Bool
    /// Ticks of `sysconf(_SC_CLK_TCK)`, which is 100 a second everywhere, after boot (CLOCK_BOOTTIME).
    package let startTicks: UInt64

    private static let kernelThreadFlag: UInt64 = 0x0020_0000

    /// Parses the file; nil when it is cut short or makes no sense.
    ///
    /// The name stands in parentheses and may hold any byte, parentheses and blanks too: fields are
    /// counted from the last closing one.
    package init?(statFile bytes: [UInt8]) {
        guard let opening = bytes.firstIndex(of: UInt8(ascii: "(")),
            let closing = bytes.lastIndex(of: UInt8(ascii: ")")), opening < closing
        else { return nil }
        let number = String(decoding: bytes[..<opening], as: UTF8.self)
        guard let tgid = UInt32(number.prefix { $0 != " " }) else { return nil }
        let fields = bytes[(closing + 1)...].split(separator: UInt8(ascii: " "))
        // Field 3 of the manual, state, is fields[0].
        guard fields.count > 19, let state = fields[0].first,
            let parent = Self.number(fields[1]), let flags = Self.number(fields[6]),
            let startTicks = Self.number(fields[19])
        else { return nil }
        self.tgid = tgid
        command = String(decoding: bytes[(opening + 1)..<closing], as: UTF8.self)
        self.state = Character(Unicode.Scalar(state))
        self.parent = UInt32(clamping: parent)
        isKernelThread = flags & Self.kernelThreadFlag != 0
        self.startTicks = startTicks
    }

    private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
        UInt64(String(decoding: field, as: UTF8.self))
    }
}
