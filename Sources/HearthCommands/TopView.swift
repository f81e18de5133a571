import FlameGraph
import ProfileModel

/// What `hearth top` shows: applications above, functions of the chosen one below.
struct TopView {
    /// Nil for all applications.
    var chosen: String?
    var title = ""
    /// Why what is shown is not of now.
    var problem: String?
    var applications: ApplicationList?
    var functions: MergedProfile?

    init(chosen: String?) { self.chosen = chosen }

    /// Chooses another application, by its place in the list.
    mutating func move(by distance: Int) {
        let names = applications?.services.map(\.serviceName) ?? []
        guard !names.isEmpty else { return }
        let place = chosen.flatMap { names.firstIndex(of: $0) } ?? (distance > 0 ? -1 : names.count)
        chosen = names[min(max(place + distance, 0), names.count - 1)]
    }

    func text(rows: Int, columns: Int) -> String {
        var lines = [title + (problem.map { "  (\($0))" } ?? "")]
        let half = max(4, rows / 3)
        if let applications {
            for line in applications.table(rows: half).split(separator: "\n") {
                let isChosen = chosen.map { line.hasSuffix("  \($0)") } ?? false
                lines.append((isChosen ? "> " : "  ") + line)
            }
        }
        lines.append("")
        lines.append("functions of " + (chosen ?? "all applications"))
        if let functions, functions.total > 0 {
            let table = TopTable(functions).text(rows: max(4, rows - lines.count - 2))
            lines += table.split(separator: "\n").map(String.init)
        } else {
            lines.append("  no samples there")
        }
        return lines.prefix(rows).map { String($0.prefix(columns)) }.joined(separator: "\n")
    }
}
