import Hummingbird

/// The parameters of a request's query, decoded as HTML forms are: `+` is a space. Of parameters
/// with one name the first counts, as in Go's servers.
struct QueryParameters {
    /// Far above any honest query, far below what costs.
    static let maximumLength = 8_192
    static let maximumCount = 64

    private let values: [String: String]

    init(_ request: Request) throws(HTTPProblem) {
        try self.init(request.uri.query ?? "")
    }

    init(_ query: String) throws(HTTPProblem) {
        guard query.utf8.count <= Self.maximumLength else {
            throw .tooLong("the query is longer than \(Self.maximumLength) bytes")
        }
        let parts = query.split(separator: "&")
        guard parts.count <= Self.maximumCount else {
            throw .invalid(nil, "more than \(Self.maximumCount) parameters")
        }
        var values: [String: String] = [:]
        for part in parts {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pair[0]) else {
                throw .invalid(nil, "a parameter's name is not percent-encoded UTF-8")
            }
            guard let value = Self.decode(pair.count > 1 ? pair[1] : "") else {
                throw .invalid(name, "the value is not percent-encoded UTF-8")
            }
            if values[name] == nil { values[name] = value }
        }
        self.values = values
    }

    /// The value of the first of `names` that is there and not empty.
    func string(_ names: String...) -> String? {
        for name in names {
            if let value = values[name], !value.isEmpty { return value }
        }
        return nil
    }

    func required(_ name: String, _ what: String) throws(HTTPProblem) -> String {
        guard let value = string(name) else {
            throw .invalid(name, "missing: \(what)")
        }
        return value
    }

    /// A whole number in `range`, under any of `names`; nil when absent.
    func integer(_ names: String..., in range: ClosedRange<Int>) throws(HTTPProblem) -> Int? {
        for name in names {
            guard let text = values[name], !text.isEmpty else { continue }
            guard let value = Int(text), range.contains(value) else {
                throw .invalid(
                    name,
                    "\(quoted(text)) is not a whole number from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return value
        }
        return nil
    }

    /// One of the words of `choices`; nil when absent.
    func choice<Choice: RawRepresentable<String>>(
        _ name: String, _ choices: [Choice]
    ) throws(HTTPProblem) -> Choice? {
        guard let text = string(name) else { return nil }
        guard let choice = choices.first(where: { $0.rawValue == text }) else {
            let known = choices.map(\.rawValue).joined(separator: ", ")
            throw .invalid(name, "\(quoted(text)) is none of \(known)")
        }
        return choice
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit),
                    let low = iterator.next().flatMap(digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}

/// At most 100 characters of what a client sent, in quotes.
func quoted(_ text: String) -> String {
    text.count <= 100 ? "\"\(text)\"" : "\"\(text.prefix(100))…\""
}
