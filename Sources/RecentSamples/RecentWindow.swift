package import ProfileModel

/// The single samples of one window, with names: what the ring takes in.
package struct RecentWindow: Sendable {
    package struct Sample: Hashable, Sendable {
        /// Microseconds after the window's start, below its duration.
        package let offset: UInt32
        package let cpu: UInt32
        /// The process (`tgid`), in the initial pid namespace.
        package let pid: UInt32
        package let tid: UInt32
        /// Index into `series`.
        package let series: Int
        /// Of `table`.
        package let stack: StackTable.StackID

        package init(
            offset: UInt32, cpu: UInt32, pid: UInt32, tid: UInt32, series: Int,
            stack: StackTable.StackID
        ) {
            self.offset = offset
            self.cpu = cpu
            self.pid = pid
            self.tid = tid
            self.series = series
            self.stack = stack
        }
    }

    package let start: Timestamp
    package let durationMilliseconds: Int64
    /// Nanoseconds of CPU one sample stands for.
    package let period: Int64
    package let series: [LabelSet]
    package let table: StackTable
    /// In any order.
    package let samples: [Sample]
    /// How many more samples there were in the window, which nobody kept.
    package let missing: Int

    package init(
        start: Timestamp, durationMilliseconds: Int64, period: Int64, series: [LabelSet],
        table: StackTable, samples: [Sample], missing: Int = 0
    ) {
        self.start = start
        self.durationMilliseconds = durationMilliseconds
        self.period = period
        self.series = series
        self.table = table
        self.samples = samples
        self.missing = missing
    }

    var end: Timestamp { Timestamp(milliseconds: start.milliseconds + durationMilliseconds) }
}
