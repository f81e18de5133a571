import Aggregation
import ProcessTracking
import ProfileModel

/// Which series of the open window a process's samples belong to, once labels have told: labels are made of
/// strings, and there are thousands of samples a second.
struct SeriesMemory {
    /// What labels may depend on (`SeriesLabelling`).
    private struct Key: Hashable {
        let process: ProcessID
        let processName: CommandName
        let threadName: CommandName
        let cgroupID: UInt64
        let cgroup1ID: UInt64

        init(_ sample: Sample, _ process: TrackedProcess) {
            self.process = process.id
            processName = process.command
            threadName = sample.command
            cgroupID = sample.cgroupID
            cgroup1ID = sample.cgroup1ID
        }

        // Threads of one process are as different as their names.
        func hash(into hasher: inout Hasher) {
            hasher.combine(process.word &+ threadName.word &* 0xc2b2_ae3d_27d4_eb4f)
        }
    }

    /// Beyond it the memory is started anew: a recording may go on for days.
    private static let limit = 1 << 16

    private var numbers: [Key: WindowAggregator.SeriesNumber] = [:]
    /// A sample is asked about twice, and the next one is often of the same thread.
    private var last: (key: Key, number: WindowAggregator.SeriesNumber)?

    /// Nil when it was not told yet.
    mutating func number(
        of sample: Sample, process: TrackedProcess
    ) -> WindowAggregator.SeriesNumber? {
        let key = Key(sample, process)
        if let last, last.key == key { return last.number }
        guard let number = numbers[key] else { return nil }
        last = (key, number)
        return number
    }

    mutating func remember(
        _ number: WindowAggregator.SeriesNumber, of sample: Sample, process: TrackedProcess
    ) {
        let key = Key(sample, process)
        if numbers.count >= Self.limit { numbers = [:] }
        numbers[key] = number
        last = (key, number)
    }
}
