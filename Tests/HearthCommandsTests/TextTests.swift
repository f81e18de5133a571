import Foundation
import ProfileModel
import Testing

@testable import HearthCommands

@Suite struct TextTests {
    @Test func `reads folded stacks back`() {
        let profile = FoldedProfile("main;f;g 30\nmain;f 12\nnonsense\nmain;f;g 3\n name 1\n")
            .merged
        #expect(profile.total == 46)
        let stacks = profile.values.map { value in
            profile.table.locations(of: value.stack).flatMap(\.names)
        }
        #expect(Set(stacks) == [["g", "f", "main"], ["f", "main"], [" name"]])
    }

    @Test func `lists applications with cores and shares`() throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let list = try decoder.decode(
            ApplicationList.self,
            from: Data(
                #"""
                {"from": 0, "until": 10000, "step": 10, "window_seconds": 10, "services": [
                 {"service_name": "web", "cpu_nanoseconds": 7500000000, "values": [1]},
                 {"service_name": "db", "cpu_nanoseconds": 2500000000, "values": [1]}]}
                """#.utf8))
        let lines = list.table(rows: 1).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(
            lines[1].split(separator: " ").map { String($0) } == [
                "7.50", "s", "0.75", "75.0%", "web",
            ])
        #expect(lines[2] == "… and 1 more")
    }

    @Test(arguments: [
        ("a.pb.gz", RecordingFormat.pprof), ("b.folded", .folded), ("/x/c.svg", .svg),
        ("d.json", .json), ("e.txt", nil), ("pb.gz", nil), ("", nil),
    ])
    func `knows a format by the file's name`(path: String, format: RecordingFormat?) {
        #expect(RecordingFormat(path: path) == format)
    }
}
