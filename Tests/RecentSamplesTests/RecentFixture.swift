import Foundation
import ProfileModel

@testable import RecentSamples

/// A directory of this test's own, removed with it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hearth-recent-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// One sample as a test means it: time in microseconds, stack by its functions, leaf first.
struct Plain: Hashable, Comparable {
    let time: Int64
    let cpu: UInt32
    let pid: UInt32
    let tid: UInt32
    let service: String
    let stack: [String]

    static func < (left: Self, right: Self) -> Bool {
        (left.time, left.cpu, left.tid) < (right.time, right.cpu, right.tid)
    }
}

/// A window of `seconds` that holds these samples.
func window(
    at second: Int64, seconds: Int64 = 10, period: Int64 = 10_309_278, missing: Int = 0,
    _ samples: [Plain]
) -> RecentWindow {
    var table = StackTable()
    var services: [String] = []
    let rows = samples.map { sample in
        if !services.contains(sample.service) { services.append(sample.service) }
        let stack = sample.stack.map { name in
            table.intern(
                Location(
                    named: [Line(function: Function(name: name))], kind: .native, module: "m"))
        }
        return RecentWindow.Sample(
            offset: UInt32(sample.time - second * 1_000_000), cpu: sample.cpu, pid: sample.pid,
            tid: sample.tid, series: services.firstIndex(of: sample.service) ?? 0,
            stack: table.intern(stack: stack))
    }
    return RecentWindow(
        start: Timestamp(milliseconds: second * 1000), durationMilliseconds: seconds * 1000,
        period: period, series: services.map { LabelSet([Label("service_name", $0)]) },
        table: table, samples: rows, missing: missing)
}

/// Samples of two CPUs that tick every 10 ms or so, some ticks idle.
func machine(
    at second: Int64, seconds: Int64 = 10, using random: inout some RandomNumberGenerator
) -> [Plain] {
    var samples: [Plain] = []
    for cpu in UInt32(0)...1 {
        var time = second * 1_000_000 + Int64.random(in: 0..<10_000, using: &random)
        while time < (second + seconds) * 1_000_000 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let pid = UInt32.random(in: 1...4_000_000, using: &random) / 400_000 * 400_000 + 1
                samples.append(
                    Plain(
                        time: time, cpu: cpu, pid: pid,
                        tid: pid + UInt32.random(in: 0...2, using: &random),
                        service: "service-\(pid % 3)",
                        stack: (0...Int.random(in: 0...4, using: &random)).map {
                            "f\($0)_\(Int.random(in: 0...3, using: &random))"
                        }))
            }
            time += 10_309 + Int64.random(in: -40...40, using: &random)
        }
    }
    return samples
}
