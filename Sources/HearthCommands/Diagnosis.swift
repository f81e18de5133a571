import LinuxSystem
import Sampling

/// One line of `hearth doctor`: what was looked at, how it is, and what to do about it.
struct Finding: Sendable {
    enum Verdict: Sendable {
        case fine
        /// Profiling works, but not as well as it could.
        case warning
        /// Profiling cannot work.
        case failure
    }

    let subject: String
    let verdict: Verdict
    let detail: String
    /// Empty when there is nothing to do.
    let advice: String

    init(_ subject: String, _ verdict: Verdict, _ detail: String, do advice: String = "") {
        self.subject = subject
        self.verdict = verdict
        self.detail = detail
        self.advice = advice
    }
}

/// Judges a machine. Pure: facts in, findings out.
enum Diagnosis {
    static func findings(for facts: MachineFacts) -> [Finding] {
        [
            kernel(facts), architecture(facts), typeInformation(facts), pidNamespace(facts),
            capabilities(facts),
            paranoid(facts), lockdown(facts), lockedMemory(facts), sampleRate(facts),
            kernelSymbols(facts),
        ] + trial(facts)
    }

    /// Whether profiling is possible: warnings are allowed.
    static func canProfile(_ findings: [Finding]) -> Bool {
        !findings.contains { $0.verdict == .failure }
    }

    private static func kernel(_ facts: MachineFacts) -> Finding {
        let numbers = facts.kernelRelease.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard numbers.count == 2 else {
            return Finding("kernel", .warning, "\(facts.kernelRelease): not a version we can read")
        }
        let (major, minor) = (numbers[0], numbers[1])
        if (major, minor) < (5, 17) {
            return Finding(
                "kernel", .failure, facts.kernelRelease,
                do: "Linux 5.17 or newer is needed (bpf_loop); 6.1 and newer are tested")
        }
        if (major, minor) < (6, 1) {
            return Finding(
                "kernel", .warning, facts.kernelRelease,
                do: "6.1 and newer are tested; this may work")
        }
        return Finding("kernel", .fine, facts.kernelRelease)
    }

    private static func architecture(_ facts: MachineFacts) -> Finding {
        facts.architecture == "x86_64"
            ? Finding("architecture", .fine, facts.architecture)
            : Finding(
                "architecture", .failure, facts.architecture, do: "only x86_64 is supported yet")
    }

    private static func typeInformation(_ facts: MachineFacts) -> Finding {
        facts.hasBTF
            ? Finding("BTF", .fine, "/sys/kernel/btf/vmlinux")
            : Finding(
                "BTF", .failure, "no /sys/kernel/btf/vmlinux",
                do: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions' kernels are"
            )
    }

    private static func pidNamespace(_ facts: MachineFacts) -> Finding {
        facts.isInInitialPIDNamespace
            ? Finding("pid namespace", .fine, "the machine's own")
            : Finding(
                "pid namespace", .warning, "a container's: samples carry the machine's numbers",
                do: "start the container with the host's pid namespace (docker run --pid=host), "
                    + "or most processes stay without names")
    }

    private static func capabilities(_ facts: MachineFacts) -> Finding {
        let held = facts.capabilities
        let isAdministrator = held.contains(.sysAdmin)
        let needed = [Capability.bpf, .perfmon].filter { !held.contains($0) && !isAdministrator }
        let wanted = [Capability.sysPtrace, .dacReadSearch, .ipcLock, .syslog]
            .filter { !held.contains($0) }
        if !needed.isEmpty {
            return Finding(
                "capabilities", .failure, "missing \(list(needed))",
                do: "run as root, or as packaging/systemd/hearth-agent.service does")
        }
        if !wanted.isEmpty {
            return Finding(
                "capabilities", .warning, "missing \(list(wanted))",
                do: "other users' binaries, their names or the kernel's names may be out of reach")
        }
        return Finding("capabilities", .fine, "all that sampling and naming need")
    }

    private static func list(_ capabilities: [Capability]) -> String {
        capabilities.map(\.name).joined(separator: ", ")
    }

    private static func paranoid(_ facts: MachineFacts) -> Finding {
        guard let level = facts.perfEventParanoid else {
            return Finding(
                "perf events", .failure, "not in this kernel",
                do: "use a kernel built with CONFIG_PERF_EVENTS=y")
        }
        let privileged =
            facts.capabilities.contains(.perfmon) || facts.capabilities.contains(.sysAdmin)
        return level <= -1 || privileged
            ? Finding("perf_event_paranoid", .fine, "\(level)")
            : Finding(
                "perf_event_paranoid", .failure, "\(level), and this process may not go past it",
                do: "grant CAP_PERFMON, or set sysctl kernel.perf_event_paranoid=-1")
    }

    private static func lockdown(_ facts: MachineFacts) -> Finding {
        switch facts.lockdown {
        case "confidentiality":
            Finding(
                "lockdown", .failure, "confidentiality: BPF may not read kernel memory",
                do: "boot with lockdown=integrity, or without lockdown")
        case let mode?: Finding("lockdown", .fine, mode)
        case nil: Finding("lockdown", .fine, "none")
        }
    }

    private static func lockedMemory(_ facts: MachineFacts) -> Finding {
        let needed = UInt64(max(1, facts.onlineCPUs)) * 516 * 1024
        let quota =
            UInt64(max(0, facts.perfMlockKiB ?? 516)) * 1024 * UInt64(max(1, facts.onlineCPUs))
        let limit = facts.memlockLimit.map { "\($0 / 1024) KiB" } ?? "unlimited"
        if facts.capabilities.contains(.ipcLock) || facts.memlockLimit == nil {
            return Finding(
                "locked memory", .fine, "limit \(limit), and CAP_IPC_LOCK or no limit at all")
        }
        return quota + (facts.memlockLimit ?? 0) >= needed
            ? Finding("locked memory", .fine, "limit \(limit)")
            : Finding(
                "locked memory", .warning, "limit \(limit); perf rings want \(needed / 1024) KiB",
                do: "grant CAP_IPC_LOCK, or raise LimitMEMLOCK")
    }

    private static func sampleRate(_ facts: MachineFacts) -> Finding {
        guard let rate = facts.maxSampleRate else {
            return Finding(
                "sample rate", .warning, "kernel.perf_event_max_sample_rate is not readable")
        }
        return rate >= SamplingConfiguration.frequencies.upperBound
            ? Finding("sample rate", .fine, "the kernel allows \(rate) Hz")
            : Finding(
                "sample rate", .warning, "the kernel allows \(rate) Hz",
                do:
                    "sysctl kernel.perf_event_max_sample_rate was lowered, by hand or by a slow machine"
            )
    }

    private static func kernelSymbols(_ facts: MachineFacts) -> Finding {
        facts.kernelSymbolsVisible
            ? Finding("kernel names", .fine, "/proc/kallsyms shows addresses")
            : Finding(
                "kernel names", .warning, "/proc/kallsyms hides addresses",
                do: "grant CAP_SYSLOG, or set sysctl kernel.kptr_restrict=0")
    }

    private static func trial(_ facts: MachineFacts) -> [Finding] {
        switch facts.trial {
        case .failed(let reason):
            return [Finding("sampling", .failure, reason)]
        case .sampled(let fired, let missed, let ringBytes):
            let ring = Finding(
                "ring buffer", .fine, "\(ringBytes / 1024) KiB for \(facts.onlineCPUs) CPUs")
            if fired == 0 {
                return [
                    ring,
                    Finding(
                        "sampling", .failure, "the program loaded, but no tick reached it",
                        do: "something on this machine keeps perf programs from running"),
                ]
            }
            // Short trials are coarse: idle time is known in steps of 10 ms.
            if missed > max(20, fired / 2) {
                return [
                    ring,
                    Finding(
                        "sampling", .warning, "\(fired) ticks sampled, about \(missed) missed",
                        do: "another BPF tool runs hot, or the hypervisor takes CPU time away"),
                ]
            }
            return [ring, Finding("sampling", .fine, "\(fired) ticks sampled")]
        }
    }
}
