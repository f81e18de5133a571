import FlameGraph
import Foundation

/// `/api/v1/services` of a node.
struct ApplicationList: Decodable {
    struct Application: Decodable {
        let serviceName: String
        let cpuNanoseconds: Int64
    }

    /// Unix milliseconds.
    let from: Int64
    let until: Int64
    let services: [Application]

    /// CPU time, cores on average, share and name of the first `limit` applications.
    func table(rows limit: Int) -> String {
        let total = services.reduce(0) { $0 + Double($1.cpuNanoseconds) }
        guard total > 0 else { return "no samples there" }
        let length = Double(max(1, until - from)) * 1e6
        var lines = ["      cpu   cores   share  application"]
        for service in services.prefix(limit) {
            let time = ReadableValue.text(service.cpuNanoseconds, unit: "nanoseconds")
            let cpu = Double(service.cpuNanoseconds)
            lines.append(
                String(repeating: " ", count: max(0, 9 - time.count)) + time
                    + String(format: "%8.2f%7.1f%%  ", cpu / length, cpu / total * 100)
                    + service.serviceName)
        }
        if services.count > limit { lines.append("… and \(services.count - limit) more") }
        return lines.joined(separator: "\n")
    }
}
