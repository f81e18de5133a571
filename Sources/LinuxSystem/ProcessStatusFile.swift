/// What `/proc/PID/status` says of a process's numbers (`proc_pid_status(5)`).
package struct ProcessStatusFile: Hashable, Sendable {
    /// As the process itself knows it: in its own, the innermost, pid namespace.
    package let ownNumber: UInt32
    /// As whom it acts, in the namespace of whoever reads the file.
    package let effectiveUser: UInt32

    /// Parses the file; nil when a line is missing or makes no sense.
    ///
    /// `Name:`, the first line, may hold any byte but a newline, which is written as `\n`: it cannot
    /// pass for another line.
    package init?(_ bytes: [UInt8]) {
        var numbers: [Substring] = []
        var users: [Substring] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = String(decoding: line, as: UTF8.self).split { $0 == "\t" || $0 == " " }
            switch fields.first {
            case "NSpid:": numbers = Array(fields.dropFirst())
            case "Uid:": users = Array(fields.dropFirst())
            default: continue
            }
        }
        // From the reader's namespace inwards; and real, effective, saved, file system.
        guard let ownNumber = numbers.last.flatMap({ UInt32($0) }), users.count == 4,
            let effectiveUser = UInt32(users[1])
        else { return nil }
        self.ownNumber = ownNumber
        self.effectiveUser = effectiveUser
    }
}
