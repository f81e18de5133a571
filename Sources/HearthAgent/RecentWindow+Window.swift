import Aggregation
import ProfileModel
import RecentSamples

extension RecentWindow {
    /// A window's single samples, over the table of the batch that was built from it. `stacks`: each
    /// entry's stack there.
    init(_ window: Window, table: StackTable, stacks: [StackTable.StackID]) {
        self.init(
            start: window.start, durationMilliseconds: window.durationMilliseconds,
            period: window.period, series: window.series, table: table,
            samples: window.singles.map { single in
                let entry = window.entries[Int(single.entry)]
                return Sample(
                    offset: single.offset, cpu: single.cpu, pid: entry.tgid, tid: single.tid,
                    series: entry.series, stack: stacks[Int(single.entry)])
            }, missing: Int(window.sampleCount) - window.singles.count)
    }
}
