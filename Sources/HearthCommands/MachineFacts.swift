import Glibc
import LinuxSystem
import Sampling

/// What `hearth doctor` looks at, gathered in one place so that judging it is pure.
struct MachineFacts: Sendable {
    /// `uname -r`.
    var kernelRelease: String
    /// `uname -m`.
    var architecture: String
    /// Whether process numbers are the machine's own, and not a container's.
    var isInInitialPIDNamespace: Bool
    /// Whether `/sys/kernel/btf/vmlinux` is there.
    var hasBTF: Bool
    var capabilities: Capabilities
    /// sysctl `kernel.perf_event_paranoid`; nil when perf events are not compiled in.
    var perfEventParanoid: Int?
    /// The chosen word of `/sys/kernel/security/lockdown`; nil when there is no such file.
    var lockdown: String?
    /// sysctl `kernel.perf_event_mlock_kb`.
    var perfMlockKiB: Int?
    /// Soft RLIMIT_MEMLOCK in bytes; nil is unlimited.
    var memlockLimit: UInt64?
    /// sysctl `kernel.perf_event_max_sample_rate`.
    var maxSampleRate: Int?
    /// Whether `/proc/kallsyms` shows addresses to this process.
    var kernelSymbolsVisible: Bool
    var onlineCPUs: Int
    /// What happened when the sampler was started for a moment.
    var trial: Trial

    enum Trial: Sendable {
        /// Ran; how many ticks fired and how many were missed (estimate), and the ring's size.
        case sampled(fired: UInt64, missed: UInt64, ringBytes: UInt32)
        case failed(String)
    }

    /// Looks at this machine; takes about as long as `trialMilliseconds`.
    static func gather(trialMilliseconds: UInt32 = 500) -> MachineFacts {
        let cpus = (try? OnlineCPUs.current())?.count ?? 0
        return MachineFacts(
            kernelRelease: Machine.kernelRelease, architecture: Machine.architecture,
            isInInitialPIDNamespace: Machine.isInInitialPIDNamespace,
            hasBTF: unsafe access("/sys/kernel/btf/vmlinux", R_OK) == 0,
            capabilities: (try? Capabilities.effective()) ?? Capabilities(bits: 0),
            perfEventParanoid: number("/proc/sys/kernel/perf_event_paranoid"),
            lockdown: lockdown(), perfMlockKiB: number("/proc/sys/kernel/perf_event_mlock_kb"),
            memlockLimit: memlockLimit(),
            maxSampleRate: number("/proc/sys/kernel/perf_event_max_sample_rate"),
            kernelSymbolsVisible: kernelSymbolsVisible(), onlineCPUs: cpus,
            trial: runTrial(milliseconds: trialMilliseconds, cpus: cpus))
    }

    private static func runTrial(milliseconds: UInt32, cpus: Int) -> Trial {
        do {
            let configuration = SamplingConfiguration.standard
            let sampler = try OnCPUSampler.start(configuration)
            let end = Clock.monotonic + UInt64(milliseconds) * 1_000_000
            // Spins, so that at least one CPU has something to sample.
            while Clock.monotonic < end {}
            let ledger = try sampler.ledger()
            return .sampled(
                fired: ledger.fired, missed: ledger.missedEstimate,
                ringBytes: configuration.ringBytes(cpus: cpus))
        } catch {
            return .failed("\(error)")
        }
    }

    private static func contents(_ path: String) -> String? {
        (try? OwnedDescriptor.contents(of: path, limit: 4096)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    private static func number(_ path: String) -> Int? {
        contents(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
    }

    /// `none [integrity] confidentiality` → `integrity`.
    private static func lockdown() -> String? {
        guard let text = contents("/sys/kernel/security/lockdown") else { return nil }
        return text.split { "[]".contains($0) }.dropFirst().first.map { String($0) }
    }

    private static func memlockLimit() -> UInt64? {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit)
        return limit.rlim_cur == .max ? nil : UInt64(limit.rlim_cur)  // RLIM_INFINITY
    }

    /// kptr_restrict and missing CAP_SYSLOG show zeroes instead of addresses.
    private static func kernelSymbolsVisible() -> Bool {
        guard let file = try? OwnedDescriptor(opening: "/proc/kallsyms") else { return false }
        var line = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(file.number, &line, line.count)
        guard count > 16 else { return false }
        let lines = line[..<count].split(separator: UInt8(ascii: "\n")).dropLast()
        return lines.contains { $0.prefix(16).contains { $0 != UInt8(ascii: "0") } }
    }
}
