import Glibc

/// A privilege a profiler asks for; the raw value is its bit (`include/uapi/linux/capability.h`).
package enum Capability: UInt8, CaseIterable, Sendable {
    case dacReadSearch = 2
    case ipcLock = 14
    case sysPtrace = 19
    case sysAdmin = 21
    case sysResource = 24
    case syslog = 34
    case perfmon = 38
    case bpf = 39
    case checkpointRestore = 40

    /// As `capabilities(7)` and systemd spell it: `CAP_BPF`.
    package var name: String {
        switch self {
        case .dacReadSearch: "CAP_DAC_READ_SEARCH"
        case .ipcLock: "CAP_IPC_LOCK"
        case .sysPtrace: "CAP_SYS_PTRACE"
        case .sysAdmin: "CAP_SYS_ADMIN"
        case .sysResource: "CAP_SYS_RESOURCE"
        case .syslog: "CAP_SYSLOG"
        case .perfmon: "CAP_PERFMON"
        case .bpf: "CAP_BPF"
        case .checkpointRestore: "CAP_CHECKPOINT_RESTORE"
        }
    }
}

/// A set of capabilities.
package struct Capabilities: Hashable, Sendable {
    /// One bit per capability, as `/proc/PID/status` shows it in hexadecimal.
    package let bits: UInt64

    package init(bits: UInt64) { self.bits = bits }

    package func contains(_ capability: Capability) -> Bool {
        bits >> UInt64(capability.rawValue) & 1 == 1
    }

    /// What this process may do now.
    package static func effective() throws(SystemCallError) -> Capabilities {
        let text = try OwnedDescriptor.contents(of: "/proc/self/status", limit: 1 << 20)
        guard let found = Capabilities(statusFile: String(decoding: text, as: UTF8.self)) else {
            throw SystemCallError("parse", "/proc/self/status", errno: EINVAL)
        }
        return found
    }

    /// The `CapEff` line of `/proc/PID/status`; nil when there is none.
    package init?(statusFile text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("CapEff:") {
            let digits = line.dropFirst(7).drop { $0 == "\t" || $0 == " " }
            guard let bits = UInt64(digits, radix: 16) else { return nil }
            self.init(bits: bits)
            return
        }
        return nil
    }
}
