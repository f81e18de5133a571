import Foundation
import ProfileModel

@testable import ProfileStore

/// A directory of this test's own, removed with it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hearth-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Unix seconds of a moment on a partition's first second: 2027-01-15 12:00:00 UTC.
let noon: Int64 = 1_800_014_400

/// A batch from folded lines per application: `["web": "main;f 3\nmain 1"]`.
func batch(
    at second: Int64, _ applications: [String: String], labels: [Label] = [], period: Int64 = 10
) -> ProfileBatch {
    var table = StackTable()
    var profiles: [Profile] = []
    for (name, text) in applications.sorted(by: { $0.key < $1.key }) {
        var sums: [StackTable.StackID: Int64] = [:]
        for line in text.split(separator: "\n") {
            guard let space = line.lastIndex(of: " "),
                let value = Int64(line[line.index(after: space)...])
            else { continue }
            let stack = line[..<space].split(separator: ";").reversed().map {
                table.intern(
                    Location(
                        named: [Line(function: Function(name: String($0)))], kind: .native,
                        module: "m"))
            }
            sums[table.intern(stack: stack), default: 0] += value
        }
        profiles.append(
            Profile(
                labels: LabelSet([Label("service_name", name)] + labels), type: .cpu,
                start: Timestamp(milliseconds: second * 1000), durationMilliseconds: 10_000,
                period: period, values: sums.map { StackValue(stack: $0.key, value: $0.value) }))
    }
    return ProfileBatch(table: table, profiles: profiles)
}

/// What a profile holds, by folded stack.
func folded(_ profile: MergedProfile) -> [String: Int64] {
    var sums: [String: Int64] = [:]
    for value in profile.values where value.value != 0 {
        let names = profile.table.locations(of: value.stack).flatMap(\.names)
        sums[names.reversed().joined(separator: ";"), default: 0] += value.value
    }
    return sums
}

func range(_ from: Int64, _ until: Int64) -> TimeRange {
    TimeRange(Timestamp(milliseconds: from * 1000), Timestamp(milliseconds: until * 1000))
        ?? TimeRange(Timestamp(milliseconds: 0), Timestamp(milliseconds: 0)).unsafelyUnwrapped
}

let ever = range(0, 4_000_000_000)
