import FlameGraph
import Foundation
import ProfileModel

/// Functions by how much their share of the whole changed.
struct DifferenceTable {
    struct Row {
        let name: String
        /// Shares of the whole, 0 to 1: in the function itself, before and after.
        var own: (before: Double, after: Double) = (0, 0)
        /// In the function or below it.
        var total: (before: Double, after: Double) = (0, 0)
        /// Samples behind the own shares, for the noise.
        var samples: (before: Double, after: Double) = (0, 0)

        var change: Double { own.after - own.before }

        /// Whether chance alone gives a change as large once in twenty times at most: two shares of
        /// so many samples each, their difference against its standard error.
        func isSignificant(of counts: (before: Double, after: Double)) -> Bool {
            guard counts.before > 0, counts.after > 0 else { return false }
            let pooled =
                (samples.before + samples.after) / (counts.before + counts.after)
            let error = (pooled * (1 - pooled) * (1 / counts.before + 1 / counts.after))
                .squareRoot()
            return error > 0 && abs(change) > 1.96 * error
        }
    }

    let rows: [Row]
    private let totals: (before: Int64, after: Int64)
    private let counts: (before: Double, after: Double)

    /// Both of one profile type. Values are divided by `period` to know how many samples there were.
    init(_ before: MergedProfile, _ after: MergedProfile, period: Int64 = 10_309_278) {
        totals = (before.total, after.total)
        let (tableBefore, tableAfter) = (TopTable(before), TopTable(after))
        let wholes = (before: Double(max(1, before.total)), after: Double(max(1, after.total)))
        let period = Double(max(1, period))
        counts = (Double(before.total) / period, Double(after.total) / period)
        var rows: [FrameName: Row] = [:]
        for row in tableBefore.rows {
            var merged = Row(name: row.name.text)
            merged.own.before = Double(row.own) / wholes.before
            merged.total.before = Double(row.total) / wholes.before
            merged.samples.before = Double(row.own) / period
            rows[row.name] = merged
        }
        for row in tableAfter.rows {
            var merged = rows[row.name] ?? Row(name: row.name.text)
            merged.own.after = Double(row.own) / wholes.after
            merged.total.after = Double(row.total) / wholes.after
            merged.samples.after = Double(row.own) / period
            rows[row.name] = merged
        }
        self.rows = rows.values.sorted { (abs($1.change), $0.name) < (abs($0.change), $1.name) }
    }

    var hasBoth: Bool { totals.before > 0 && totals.after > 0 }

    /// The first `limit` rows for a terminal. A change that may be chance is in brackets.
    func text(rows limit: Int) -> String {
        var lines = ["  before    after   change  with callees  function"]
        for row in rows.prefix(limit) where abs(row.change) >= 0.0005 {
            let change = String(format: "%+.1f", row.change * 100)
            let shown = row.isSignificant(of: counts) ? "\(change) " : "(\(change))"
            lines.append(
                String(format: "%7.1f%% %7.1f%%", row.own.before * 100, row.own.after * 100)
                    + String(repeating: " ", count: max(0, 9 - shown.count)) + shown
                    + String(format: "%13.1f", (row.total.after - row.total.before) * 100)
                    + "  " + row.name)
        }
        if lines.count == 1 { lines.append("nothing changed by as much as 0.1 %") }
        lines.append(
            "\nCPU time \(ReadableValue.text(totals.before, unit: "nanoseconds")) before, "
                + "\(ReadableValue.text(totals.after, unit: "nanoseconds")) after; shares in percent, "
                + "(in brackets) what chance explains")
        return lines.joined(separator: "\n")
    }
}
