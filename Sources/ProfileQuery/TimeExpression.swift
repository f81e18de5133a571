package import ProfileModel

/// Times as Pyroscope's clients write them: unix time in seconds, milliseconds, microseconds or
/// nanoseconds by the number of digits, `YYYYMMDD` (UTC), `now`, `now-1h`, `-30min`.
///
/// Units: `s`, `m` or `min`, `h`, `d`, `w`, `M` or `mon` (30 days), `y` (365 days), by prefix; several
/// may follow one sign: `now-1h30min`. Blanks, `_` and `,` are skipped. Pyroscope takes any word for
/// `now` and any unknown unit for zero; here both are errors that say so.
package enum TimeExpression {
    /// Throws `.invalid` naming `parameter`.
    package static func parse(
        _ text: String, now: Timestamp, parameter: String
    ) throws(QueryError) -> Timestamp {
        let kept = Array(text.unicodeScalars).filter {
            !$0.properties.isWhitespace && $0 != "_" && $0 != ","
        }
        func problem(_ reason: String) -> QueryError {
            QueryError(
                .invalid,
                "\"\(text)\" is no time: \(reason); expected unix time, YYYYMMDD, now or now-1h",
                parameter: parameter)
        }
        guard !kept.isEmpty else { throw problem("it is empty") }
        if kept.allSatisfy({ ("0"..."9").contains($0) }) {
            guard let time = absolute(String(String.UnicodeScalarView(kept))) else {
                throw problem("the number is too large")
            }
            return time
        }
        var rest = kept[...]
        let word = take(from: &rest) { $0 != "+" && $0 != "-" }
        guard word.isEmpty || word.lowercased() == "now" else {
            throw problem("\"\(word)\" is not known")
        }
        guard let sign = rest.popFirst() else { return now }
        var offset: Int64 = 0
        repeat {
            let digits = take(from: &rest) { ("0"..."9").contains($0) }
            let unit = take(from: &rest) { !("0"..."9").contains($0) }
            guard let count = Int64(digits) else {
                throw problem("a number must follow the \(sign)")
            }
            guard let seconds = seconds(of: unit) else {
                throw problem("\"\(unit)\" is no unit (s, m, h, d, w, M, y)")
            }
            let (part, tooLarge) = count.multipliedReportingOverflow(by: seconds * 1000)
            let (sum, overflow) = offset.addingReportingOverflow(part)
            guard !tooLarge, !overflow else { throw problem("the offset is too large") }
            offset = sum
        } while !rest.isEmpty
        let (time, overflow) =
            sign == "-"
            ? now.milliseconds.subtractingReportingOverflow(offset)
            : now.milliseconds.addingReportingOverflow(offset)
        guard !overflow else { throw problem("the offset is too large") }
        return Timestamp(milliseconds: time)
    }

    /// The range between two such times; an absent `until` is now, an absent `from` an hour before.
    package static func range(
        from: String?, until: String?, now: Timestamp,
        names: (from: String, until: String) = ("from", "until")
    ) throws(QueryError) -> TimeRange {
        var end = now
        if let until { end = try parse(until, now: now, parameter: names.until) }
        var start = Timestamp(milliseconds: end.milliseconds &- 3_600_000)
        if let from { start = try parse(from, now: now, parameter: names.from) }
        guard let range = TimeRange(start, end) else {
            throw QueryError(
                .invalid, "\(names.from) lies after \(names.until)", parameter: names.from)
        }
        return range
    }

    private static func take(
        from rest: inout ArraySlice<Unicode.Scalar>, while isPart: (Unicode.Scalar) -> Bool
    ) -> String {
        let part = rest.prefix(while: isPart)
        rest = rest.dropFirst(part.count)
        return String(String.UnicodeScalarView(part))
    }

    private static func seconds(of unit: String) -> Int64? {
        switch unit {
        case _ where unit.hasPrefix("s"): 1
        case _ where unit.hasPrefix("mon") || unit.hasPrefix("M"): 30 * 86_400
        case _ where unit.hasPrefix("m"): 60
        case _ where unit.hasPrefix("h"): 3600
        case _ where unit.hasPrefix("d"): 86_400
        case _ where unit.hasPrefix("w"): 7 * 86_400
        case _ where unit.hasPrefix("y"): 365 * 86_400
        default: nil
        }
    }

    private static func absolute(_ digits: String) -> Timestamp? {
        if digits.count == 8, let date = date(digits) { return date }
        guard let number = Int64(digits) else { return nil }
        switch digits.count {
        case 13: return Timestamp(milliseconds: number)
        case 16: return Timestamp(milliseconds: number / 1000)
        case 19: return Timestamp(milliseconds: number / 1_000_000)
        default:
            let (milliseconds, overflow) = number.multipliedReportingOverflow(by: 1000)
            return overflow ? nil : Timestamp(milliseconds: milliseconds)
        }
    }

    /// Eight digits that are a day between 1970 and 2105; else nil, and they are seconds.
    private static func date(_ digits: String) -> Timestamp? {
        guard let year = Int64(digits.prefix(4)), let month = Int64(digits.dropFirst(4).prefix(2)),
            let day = Int64(digits.suffix(2)), (1970...2105).contains(year),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return Timestamp(milliseconds: days(year, month, day) * 86_400_000)
    }

    /// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the
    /// leap day is the last of the year.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let marchMonth = month > 2 ? month - 3 : month + 9
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return marchYear * 365 + leapDays + dayOfYear - 719_468
    }
}
