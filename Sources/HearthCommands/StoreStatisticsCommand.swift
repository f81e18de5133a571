import ArgumentParser
import Foundation
import ProfileStore

/// `hearth store stats`.
struct StoreStatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Files, windows, samples and bytes of a store.")

    @OptionGroup var location: StoreLocation

    func run() throws {
        do {
            print(
                Self.text(try StoreInspection(directory: location.dataDir).statistics()))
        } catch {
            complain(error)
            throw ExitCode(1)
        }
    }

    private static func text(_ statistics: StoreStatistics) -> String {
        let head = line(
            "from (UTC)", "level", "series", "windows", "samples", "MiB", "windows", "stacks", "")
        var lines = [head]
        for file in statistics.files {
            lines.append(
                line(
                    date(file.start), file.level.rawValue, "\(file.series)", "\(file.windows)",
                    "\(file.pairs)", mebibytes(file.bytes), mebibytes(file.windowBytes),
                    mebibytes(file.dictionaryBytes), note(file)))
        }
        lines.append("")
        lines.append(
            "\(statistics.series) series, \(statistics.rawPairs) samples and "
                + "\(statistics.hourlyPairs) of hours in \(mebibytes(statistics.bytes)) MiB on disk"
        )
        if let share = statistics.bytesPerPair {
            lines.append(String(format: "%.2f bytes per sample, all included", share))
        }
        if statistics.filesSetAside > 0 {
            lines.append(
                "\(statistics.filesSetAside) damaged files were set aside: `hearth store verify`")
        }
        return lines.joined(separator: "\n")
    }

    private static func note(_ file: StoreStatistics.File) -> String {
        if let problem = file.problem { return problem }
        if file.damagedRows > 0 { return "\(file.damagedRows) rows cannot be read" }
        return file.level == .raw ? "\(file.rolledUpHours) hours rolled up" : ""
    }

    private static func line(
        _ from: String, _ level: String, _ series: String, _ windows: String, _ pairs: String,
        _ size: String, _ windowSize: String, _ stackSize: String, _ note: String
    ) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(1, width - text.count)) + text
        }
        let left = from.padding(toLength: 17, withPad: " ", startingAt: 0)
        return left + level.padding(toLength: 7, withPad: " ", startingAt: 0) + right(series, 7)
            + right(windows, 9) + right(pairs, 11) + right(size, 9) + right(windowSize, 9)
            + right(stackSize, 9) + "  " + note
    }

    private static func mebibytes(_ bytes: Int64) -> String {
        String(format: "%.2f", Double(bytes) / 1_048_576)
    }

    private static func date(_ second: Int64) -> String {
        let format = Date.VerbatimFormatStyle(
            format:
                "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
            timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
        return Date(timeIntervalSince1970: Double(second)).formatted(format)
    }
}
