import LinuxSystem
import Testing

@testable import HearthCommands

@Suite struct DiagnosisTests {
    private static let good = MachineFacts(
        kernelRelease: "6.1.0-18-amd64", architecture: "x86_64", isInInitialPIDNamespace: true,
        hasBTF: true, capabilities: Capabilities(bits: .max), perfEventParanoid: 2, lockdown: nil,
        perfMlockKiB: 516, memlockLimit: nil, maxSampleRate: 100_000, kernelSymbolsVisible: true,
        onlineCPUs: 2, trial: .sampled(fired: 40, missed: 2, ringBytes: 1 << 18))

    @Test func `finds nothing wrong with a good machine`() {
        let findings = Diagnosis.findings(for: Self.good)
        #expect(findings.allSatisfy { $0.verdict == .fine })
        #expect(findings.allSatisfy { $0.advice.isEmpty })
        #expect(Diagnosis.canProfile(findings))
    }

    private struct Flaw: CustomTestStringConvertible, Sendable {
        let subject: String
        let verdict: Finding.Verdict
        let change: @Sendable (inout MachineFacts) -> Void
        var testDescription: String { subject }
    }

    private static let flaws: [Flaw] = [
        Flaw(subject: "kernel", verdict: .failure) { $0.kernelRelease = "5.10.0-28-amd64" },
        Flaw(subject: "kernel", verdict: .warning) { $0.kernelRelease = "5.17.3" },
        Flaw(subject: "kernel", verdict: .warning) { $0.kernelRelease = "unknown" },
        Flaw(subject: "architecture", verdict: .failure) { $0.architecture = "aarch64" },
        Flaw(subject: "pid namespace", verdict: .warning) { $0.isInInitialPIDNamespace = false },
        Flaw(subject: "BTF", verdict: .failure) { $0.hasBTF = false },
        Flaw(subject: "capabilities", verdict: .failure) {
            $0.capabilities = Capabilities(bits: 0)
        },
        Flaw(subject: "capabilities", verdict: .warning) {
            $0.capabilities = Capabilities(
                bits: 1 << Capability.bpf.rawValue | 1 << Capability.perfmon.rawValue)
        },
        Flaw(subject: "perf events", verdict: .failure) { $0.perfEventParanoid = nil },
        Flaw(subject: "lockdown", verdict: .failure) { $0.lockdown = "confidentiality" },
        Flaw(subject: "locked memory", verdict: .warning) {
            $0.capabilities = Capabilities(
                bits: .max ^ (1 << Capability.ipcLock.rawValue))
            $0.memlockLimit = 0
            $0.perfMlockKiB = 0
        },
        Flaw(subject: "sample rate", verdict: .warning) { $0.maxSampleRate = 50 },
        Flaw(subject: "kernel names", verdict: .warning) { $0.kernelSymbolsVisible = false },
        Flaw(subject: "sampling", verdict: .failure) { $0.trial = .failed("no") },
        Flaw(subject: "sampling", verdict: .failure) {
            $0.trial = .sampled(fired: 0, missed: 48, ringBytes: 1 << 18)
        },
        Flaw(subject: "sampling", verdict: .warning) {
            $0.trial = .sampled(fired: 40, missed: 48, ringBytes: 1 << 18)
        },
    ]

    @Test(arguments: flaws.indices)
    func `finds one flaw, and says what to do`(index: Int) throws {
        let flaw = Self.flaws[index]
        var facts = Self.good
        flaw.change(&facts)
        let findings = Diagnosis.findings(for: facts).filter { $0.verdict != .fine }
        // A missing capability may be two findings: that it is missing, and what it keeps from us.
        #expect((1...2).contains(findings.count))
        let finding = try #require(findings.first { $0.subject == flaw.subject })
        #expect(finding.verdict == flaw.verdict)
        #expect(!finding.detail.isEmpty)
        if flaw.verdict == .failure { #expect(!Diagnosis.canProfile(findings)) }
    }
}
