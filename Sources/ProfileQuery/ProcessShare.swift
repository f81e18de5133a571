package import ProfileModel

/// What single samples say of one process while it was one application.
package struct ProcessShare: Hashable, Sendable {
    package let pid: UInt32
    package let labels: LabelSet
    /// Threads with samples.
    package let threads: Int
    package let samples: Int
    /// Nanoseconds of CPU.
    package let value: Int64
}
