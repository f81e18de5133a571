import Glibc

/// Something libbpf or the kernel refused: what, why, and what to do now.
package struct BPFError: Error, Sendable {
    package let action: String
    package let errno: Int32
    /// libbpf's own words and the verifier's log; empty when there were none.
    package let log: String

    package init(_ action: String, errno: Int32, log: String = "") {
        self.action = action
        self.errno = errno
        self.log = log
    }
}

extension BPFError: CustomStringConvertible {
    /// One sentence, and libbpf's last line when there is one.
    package var description: String {
        let reason = unsafe String(cString: strerror(errno))
        let last = log.split { $0 == "\n" }.last.map { " (\($0))" } ?? ""
        return "cannot \(action): \(reason)\(last)\(advice)"
    }

    private var advice: String {
        if log.contains("kernel BTF") || log.contains("vmlinux BTF") {
            return
                "; the kernel has no BTF: it needs CONFIG_DEBUG_INFO_BTF (/sys/kernel/btf/vmlinux)"
        }
        return switch errno {
        case EPERM, EACCES:
            "; run as root or with CAP_BPF and CAP_PERFMON (`hearth doctor` says what is missing)"
        case ENOMEM:
            "; raise the memory limit of the service or lower the sampling frequency"
        default: ""
        }
    }
}
