import ArgumentParser

/// `hearth doctor`.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say whether this machine can be profiled, and what to do where it cannot.",
        discussion: """
            Looks at the kernel, its type information (BTF), this process's privileges, sysctls and \
            limits, and samples for half a second to be sure. Exits 0 when profiling is possible, \
            also with warnings.
            """)

    func run() throws {
        let findings = Diagnosis.findings(for: .gather())
        for finding in findings {
            let mark =
                switch finding.verdict {
                case .fine: "OK  "
                case .warning: "WARN"
                case .failure: "FAIL"
                }
            let subject = finding.subject.padded(to: 20)
            print("\(mark)  \(subject)  \(finding.detail)")
            if !finding.advice.isEmpty { print("      \("".padded(to: 20))  → \(finding.advice)") }
        }
        guard Diagnosis.canProfile(findings) else {
            print("This machine cannot be profiled as it is: see FAIL above.")
            throw ExitCode(1)
        }
        print("This machine can be profiled.")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
