/// Names and what they become, each on a line of its own: many are longer than a line of code.
struct NameTable {
    let rows: [(String, String)]

    init(_ text: String) {
        let lines = text.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        rows = stride(from: 0, to: lines.count - 1, by: 2).map { (lines[$0], lines[$0 + 1]) }
    }
}
