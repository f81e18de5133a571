package import ProfileModel

/// What was sampled in one interval: counts by series and stack, not yet named.
package struct Window: Sendable {
    /// One stack of one series.
    package struct Entry: Sendable {
        /// Index into `series`.
        package let series: Int
        /// The process it was seen in: names are looked up through it.
        package let tgid: UInt32
        /// Leaf first.
        package let frames: [FrameReference]
        package var count: Int64
    }

    package let start: Timestamp
    package let durationMilliseconds: Int64
    /// Nanoseconds of CPU one sample stands for.
    package let period: Int64
    package let series: [LabelSet]
    package let entries: [Entry]

    package var end: Timestamp {
        Timestamp(milliseconds: start.milliseconds + durationMilliseconds)
    }

    /// Samples in the window.
    package var sampleCount: Int64 { entries.reduce(0) { $0 + $1.count } }
}
