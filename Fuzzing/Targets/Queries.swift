import ByteReading
import Driver
import ProfileModel

@testable import ProfileQuery
@testable import ProfileStore

/// What a request says in words: selectors, regular expressions, times, old applications' names.
///
///     u8 which of them │ text
@main
struct Queries: FuzzTarget {
    static func run(_ input: RawSpan) {
        var reader = ByteReader(input)
        guard let kind = try? reader.read(UInt8.self) else { return }
        let text = unsafe input.extracting(droppingFirst: 1).withUnsafeBytes {
            unsafe String(decoding: $0, as: UTF8.self)
        }
        switch kind % 4 {
        case 0: readSelector(text)
        case 1: match(text)
        case 2:
            let now = Timestamp(milliseconds: 1_800_000_000_000)
            _ = try? TimeExpression.parse(text, now: now, parameter: "from")
            _ = try? TimeExpression.range(from: text, until: text, now: now)
        default: readName(text)
        }
    }

    /// What was read, written down again, is read as the same.
    private static func readSelector(_ text: String) {
        guard let selector = try? Selector(text) else { return }
        var parts = selector.type.map { [quoted($0.id)] } ?? []
        parts += selector.matchers.map {
            "\(quoted($0.name))\($0.operation.rawValue)\(quoted($0.value))"
        }
        let again = try? Selector("{\(parts.joined(separator: ","))}")
        precondition(again == selector)
        _ = try? LabelSelection(selector.matchers)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    /// The first line is the expression, the rest a value.
    private static func match(_ text: String) {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard let pattern = try? LabelPattern(String(parts[0])) else { return }
        for value in ["", "nginx", "a.b-c", parts.count > 1 ? String(parts[1]) : "x"] {
            _ = pattern.matches(value)
        }
    }

    /// A service and a type make a name that means them.
    private static func readName(_ name: String) {
        guard !name.isEmpty else { return }
        for meaning in ApplicationName.meanings(of: name) {
            let again = ApplicationName.name(service: meaning.service, meaning.type)
            precondition(
                ApplicationName.meanings(of: again).contains {
                    $0.service == meaning.service && $0.fits(meaning.type)
                })
        }
    }
}
