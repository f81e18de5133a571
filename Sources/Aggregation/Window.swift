package import ProcessTracking
package import ProfileModel

/// What was sampled in one interval: counts by series and stack, not yet named.
package struct Window: Sendable {
    package typealias FrameNumber = Int32

    /// One stack of one series.
    package struct Entry: Sendable {
        /// Index into `series`.
        package let series: Int
        /// The process it was seen in: names are looked up through it.
        package let tgid: UInt32
        /// Leaf first, indexes into the window's `frames`.
        package let frames: [FrameNumber]
        package var count: Int64
    }

    /// One sample by itself, without its stack: that is its entry's.
    package struct Single: Hashable, Sendable {
        /// Microseconds after the window's start, below its duration.
        package let offset: UInt32
        /// Index into `entries`.
        package let entry: UInt32
        package let tid: UInt32
        package let cpu: UInt32
    }

    package let start: Timestamp
    package let durationMilliseconds: Int64
    /// Nanoseconds of CPU one sample stands for.
    package let period: Int64
    package let series: [LabelSet]
    package let entries: [Entry]
    /// Each frame that is in some stack, once.
    package let frames: [FrameReference]
    /// The images of `frames`.
    package let images: [ImageTable.ImageID: MappedImage]
    /// Every sample, nearly in order of time; empty unless they are kept, and fewer than `sampleCount`
    /// when there were too many.
    package let singles: [Single]

    package var end: Timestamp {
        Timestamp(milliseconds: start.milliseconds + durationMilliseconds)
    }

    /// Samples in the window.
    package var sampleCount: Int64 { entries.reduce(0) { $0 + $1.count } }
}
