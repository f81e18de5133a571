import HTTPSurface
import ProfileModel
import RecentSamples

/// What the ring of single samples says of itself.
extension RecentHoldings {
    var report: StatusReport.Recent {
        StatusReport.Recent(
            samples: samples, bytes: bytes, memoryBytes: memoryBytes, oldest: start?.milliseconds,
            newest: end?.milliseconds,
            dropped: DropReason.allCases.map { reason in
                TalliedReason(
                    reason: reason.rawValue, meaning: reason.meaning, count: dropped[reason] ?? 0)
            })
    }

    var metrics: [MetricFamily] {
        let span = (end?.milliseconds ?? 0) - (start?.milliseconds ?? 0)
        return [
            gauge("hearth_recent_samples", "Single samples held.", Double(samples)),
            gauge(
                "hearth_recent_bytes", "What they take, on disk and in memory.", Double(bytes)),
            gauge("hearth_recent_memory_bytes", "… in memory alone.", Double(memoryBytes)),
            gauge(
                "hearth_recent_span_seconds", "From the oldest held to the newest.",
                Double(span) / 1000),
            MetricFamily(
                "hearth_recent_samples_dropped_total", .counter,
                help: "Single samples no longer held, by reason; age is what is meant to be.",
                DropReason.allCases.map { reason in
                    .init(
                        Double(dropped[reason] ?? 0), [Label("reason", reason.rawValue)])
                }),
        ]
    }

    private func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name, .gauge, help: help, value)
    }
}
