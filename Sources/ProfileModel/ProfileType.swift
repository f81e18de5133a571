/// What a series measures, in Pyroscope's five parts `name:sampleType:sampleUnit:periodType:periodUnit`.
package struct ProfileType: Hashable, Sendable {
    package let name: String
    package let sampleType: String
    package let sampleUnit: String
    package let periodType: String
    package let periodUnit: String

    package init(
        name: String, sampleType: String, sampleUnit: String, periodType: String, periodUnit: String
    ) {
        self.name = name
        self.sampleType = sampleType
        self.sampleUnit = sampleUnit
        self.periodType = periodType
        self.periodUnit = periodUnit
    }

    /// Nil unless `id` has exactly five parts and the first three are not empty.
    package init?(id: some StringProtocol) {
        let parts = id.split(omittingEmptySubsequences: false) { $0 == ":" }.map { String($0) }
        guard parts.count == 5, !parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
            return nil
        }
        self.init(
            name: parts[0], sampleType: parts[1], sampleUnit: parts[2], periodType: parts[3],
            periodUnit: parts[4])
    }

    package var id: String {
        [name, sampleType, sampleUnit, periodType, periodUnit].joined(separator: ":")
    }

    /// What the on-CPU sampler measures: nanoseconds of CPU.
    package static let cpu = ProfileType(
        name: "process_cpu", sampleType: "cpu", sampleUnit: "nanoseconds", periodType: "cpu",
        periodUnit: "nanoseconds")
}
