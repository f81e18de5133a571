import LinuxSystem

/// Sampling was asked for by a process that may not sample.
package struct PrivilegeError: Error, Sendable, CustomStringConvertible {
    /// What it lacks.
    let missing: [Capability]

    /// Throws unless this process may load BPF programs and open perf events of every process.
    package static func check() throws {
        let held = try Capabilities.effective()
        // Before Linux 5.8 both were part of CAP_SYS_ADMIN, and they still are.
        guard !held.contains(.sysAdmin) else { return }
        let missing = [Capability.bpf, .perfmon].filter { !held.contains($0) }
        if !missing.isEmpty { throw PrivilegeError(missing: missing) }
    }

    package var description: String {
        let names = missing.map(\.name).joined(separator: " and ")
        return "sampling needs \(names), which this process lacks: run it as root, or as the "
            + "systemd unit hearth-agent.service does; `hearth doctor` says what else is missing"
    }
}
