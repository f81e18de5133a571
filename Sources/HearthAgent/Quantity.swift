/// Times and sizes as operators write them.
package enum Quantity {
    /// `10s`, `15m`, `12h`, `7d`, `2w`; a bare number is seconds. Nil when it is none of these.
    package static func seconds(_ text: String) -> Int? {
        let units = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        return product(of: text, units: units, bare: 1)
    }

    /// `4096`, `500MB` (10⁶), `64MiB` (2²⁰), … up to tera. Nil when it is none of these.
    package static func bytes(_ text: String) -> Int64? {
        var units = ["B": 1, "KB": 1000, "kB": 1000]
        for (power, letter) in ["K", "M", "G", "T"].enumerated() {
            units["\(letter)iB"] = 1 << (10 * (power + 1))
            if power > 0 {
                units["\(letter)B"] = (0...power).reduce(1) { product, _ in product * 1000 }
            }
        }
        return product(of: text, units: units, bare: 1).map { Int64($0) }
    }

    private static func product(of text: String, units: [String: Int], bare: Int) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let number = Int(digits), let factor = unit.isEmpty ? bare : units[String(unit)]
        else {
            return nil
        }
        let (result, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : result
    }
}
