import Aggregation
import FlameGraph
import Foundation
import Pprof
import ProfileModel
import Sampling

/// What `hearth record` recorded, named.
struct Recording: Sendable {
    /// One profile per thread name.
    let batch: ProfileBatch
    let window: Window
    let sampling: SamplingConfiguration
    /// Nil when the kernel did not tell.
    let ledger: SamplingLedger?
    /// The command's exit code; nil when there was none, or when it had to be ended.
    let commandStatus: Int32?

    /// All threads together; with `byCommand` their names are the outermost frames.
    func merged(byCommand: Bool) -> MergedProfile {
        var table = batch.table
        var sums: [StackTable.StackID: Int64] = [:]
        for profile in batch.profiles {
            let name = profile.labels[CommandLabelling.label] ?? "?"
            let root = table.intern(
                Location(
                    named: [Line(function: Function(name: name))], kind: .native, module: ""))
            for entry in profile.values {
                let stack = byCommand ? table.stacks[Int(entry.stack)] + [root] : nil
                sums[stack.map { table.intern(stack: $0) } ?? entry.stack, default: 0] +=
                    entry.value
            }
        }
        return MergedProfile(
            type: .cpu, range: TimeRange(window.start, window.end), period: window.period,
            table: table, values: sums.map { StackValue(stack: $0.key, value: $0.value) })
    }

    /// The bytes of a file of this format.
    func encoded(as format: RecordingFormat) throws -> [UInt8] {
        switch format {
        case .pprof: try PprofEncoder.encode(merged(byCommand: false))
        case .folded:
            Array(
                FoldedStacks.text(
                    merged(byCommand: true), kernelSuffix: "_[k]", divisor: window.period
                ).utf8)
        case .svg:
            Array(FlameGraphSVG.text(merged(byCommand: true), title: "CPU of \(seconds) s").utf8)
        case .json: Array(FlamebearerDocument(merged(byCommand: true)).json.utf8)
        }
    }

    /// Functions by their share, for a terminal.
    func table(rows: Int) -> String { TopTable(merged(byCommand: false)).text(rows: rows) }

    /// One line: how much was seen, and what was not.
    var summary: String {
        var text = "\(window.sampleCount) samples in \(seconds) s at \(sampling.frequency) Hz"
        let lost = (ledger?.lost ?? []).filter { $0.count > 0 }
        if !lost.isEmpty {
            let reasons = lost.map { "\($0.count) \($0.label)" }.joined(separator: ", ")
            text += "; lost on the whole machine: \(reasons)"
        }
        return text
    }

    private var seconds: String {
        String(format: "%.1f", Double(window.durationMilliseconds) / 1000)
    }
}
