import Aggregation
import HTTPSurface
import Identity
import LinuxSystem
import ProcessTracking
import ProfileModel
import Symbolication

/// A process as the sampling loop knows it at one moment, taken out of the loop.
struct ProcessSnapshot: Sendable {
    let process: TrackedProcess
    /// Nil while it was never sampled.
    let health: ProcessHealth?
    let cgroupPaths: [String]?
    /// What it maps.
    let images: [MappedImage]

    /// What `/api/v1/processes` shows. Reads /proc for processes that were never sampled.
    func report(
        rules: IdentityRules, bootTime: UInt64, names: Symbolicator
    ) -> ProcessReport {
        let paths =
            cgroupPaths ?? (try? ProcessFiles(tgid: process.tgid).cgroups().paths) ?? []
        let labels = rules.labels(
            for: ProcessFacts(
                command: process.command, executable: process.executable, cgroupPaths: paths,
                isKernelThread: process.isKernelThread))
        return ProcessReport(
            tgid: process.tgid, start: Int64((bootTime &+ process.id.start) / 1_000_000),
            comm: process.command.text, exe: process.executable,
            serviceName: labels[LabelSet.serviceName] ?? "", cgroup: labels["cgroup"] ?? "",
            samples: health?.samples ?? 0,
            wholeShare: health.flatMap {
                $0.samples == 0 ? nil : Double($0.whole) / Double($0.samples)
            },
            stopReasons: (health?.topReasons ?? []).map {
                TalliedReason(
                    reason: $0.reason.name, meaning: $0.reason.summary, count: $0.samples)
            },
            advice: health?.topReasons.lazy.map(\.reason.advice).first { !$0.isEmpty },
            images: images.compactMap {
                Self.report($0, names.provenance(of: $0, process: process.tgid))
            })
    }

    private static func report(_ image: MappedImage, _ found: NameProvenance?) -> ImageReport? {
        guard let found else { return nil }
        return ImageReport(
            path: image.path, buildId: image.buildID?.hexadecimal, names: found.origin.name,
            namesFrom: found.source.isEmpty ? nil : found.source, hasLines: found.hasLines,
            problem: found.reason, advice: found.advice.isEmpty ? nil : found.advice)
    }
}
