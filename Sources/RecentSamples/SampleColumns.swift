import ByteReading
import ProfileStore

/// Samples of one window, column by column, and how they lie packed.
///
/// Samples are sorted by CPU and time, for a CPU's clock ticks evenly: its samples are whole
/// periods apart, and a few microseconds.
///
///     number of samples; number of CPUs; per CPU its number and how many samples
///     per sample the periods since the CPU's sample before, then the microseconds over or under
///     per sample its thread; per sample its stack
///
/// All LEB128.
package struct SampleColumns: Equatable, Sendable {
    /// Microseconds after the window's start.
    package internal(set) var offsets: [UInt32] = []
    package internal(set) var cpus: [UInt32] = []
    /// Numbers of the chapter's threads.
    package internal(set) var threads: [UInt32] = []
    /// Numbers of the chapter's dictionary.
    package internal(set) var stacks: [UInt32] = []

    package var count: Int { offsets.count }

    mutating func append(offset: UInt32, cpu: UInt32, thread: UInt32, stack: UInt32) {
        offsets.append(offset)
        cpus.append(cpu)
        threads.append(thread)
        stacks.append(stack)
    }

    // MARK: Packing

    /// Sorted by CPU, then time. `period` in microseconds, 1 at least.
    func packed(period: Int64, codec: borrowing ZstdCodec) -> [UInt8] {
        var payload: [UInt8] = []
        payload.appendVarint(count)
        let runs = runs
        payload.appendVarint(runs.count)
        for run in runs {
            payload.appendVarint(UInt64(run.cpu))
            payload.appendVarint(run.samples.count)
        }
        var periods: [UInt8] = []
        var rests: [UInt8] = []
        for run in runs {
            var previous: Int64 = 0
            for index in run.samples {
                let distance = Int64(offsets[index]) - previous
                let steps = (distance + period / 2) / period
                periods.appendVarint(UInt64(steps))
                rests.appendSigned(distance - steps * period)
                previous = Int64(offsets[index])
            }
        }
        payload += periods
        payload += rests
        for thread in threads { payload.appendVarint(UInt64(thread)) }
        for stack in stacks { payload.appendVarint(UInt64(stack)) }
        return Packing.pack(payload, codec)
    }

    private var runs: [(cpu: UInt32, samples: Range<Int>)] {
        var runs: [(cpu: UInt32, samples: Range<Int>)] = []
        var begin = 0
        for index in cpus.indices where index + 1 == count || cpus[index + 1] != cpus[index] {
            runs.append((cpus[index], begin..<index + 1))
            begin = index + 1
        }
        return runs
    }

    init() {}

    /// What `packed` gave, with the same `period`. Throws `.corrupt` when it is anything else.
    init(
        packed bytes: [UInt8], period: Int64, codec: borrowing ZstdCodec
    ) throws(StoreError) {
        var columns = SampleColumns()
        try Packing.unpack(bytes, "columns", codec) { try columns.read(&$0, period: period) }
        self = columns
    }

    private mutating func read(_ reader: inout ByteReader, period: Int64) throws {
        func number(_ reader: inout ByteReader) throws -> UInt32 {
            UInt32(truncatingIfNeeded: try reader.readULEB128())
        }

        let samples = try reader.readCount()
        var starts: Set<Int> = []
        for _ in 0..<(try reader.readCount()) {
            starts.insert(cpus.count)
            let cpu = try number(&reader)
            let run = try reader.readCount()
            guard run <= samples - cpus.count else {
                throw StoreError(.corrupt, "it has more samples than it says")
            }
            cpus += repeatElement(cpu, count: run)
        }
        guard cpus.count == samples else {
            throw StoreError(.corrupt, "it has fewer samples than it says")
        }
        var steps: [Int64] = []
        for _ in 0..<samples { steps.append(Int64(try number(&reader))) }
        var previous: Int64 = 0
        for index in 0..<samples {
            if starts.contains(index) { previous = 0 }
            let rest = [UInt8].unzigzag(try reader.readULEB128())
            let distance = (steps[index] &* period) &+ rest
            previous = previous &+ distance
            offsets.append(UInt32(truncatingIfNeeded: previous))
        }
        for _ in 0..<samples { threads.append(try number(&reader)) }
        for _ in 0..<samples { stacks.append(try number(&reader)) }
    }
}
