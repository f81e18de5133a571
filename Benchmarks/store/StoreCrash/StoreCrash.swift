import Glibc
import ProfileModel
import ProfileStore

/// The child of `scripts/test-store-crash.py`.
///
///     StoreCrash ingest DIRECTORY FIRST       writes batches from FIRST on, prints `ack N` for each
///     StoreCrash verify DIRECTORY COUNT MODE  says `next N`: COUNT or COUNT + 1 batches are stored,
///                                             each whole and once; MODE `deep` checks every file
@main struct StoreCrash {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4, let number = Int64(arguments[3]) else { exit(2) }
        switch arguments[1] {
        case "ingest": try await ingest(arguments[2], from: number)
        case "verify":
            try await verify(arguments[2], count: number, isDeep: arguments.last == "deep")
        default: exit(2)
        }
    }

    private static func ingest(_ directory: String, from first: Int64) async throws {
        let store = try await SQLiteProfileStore(directory: directory)
        say("open")
        // Roll-ups are built beside, as the daemon does it.
        let (hours, clock) = AsyncStream.makeStream(
            of: Timestamp.self, bufferingPolicy: .bufferingNewest(1))
        let rolling = Task {
            for await now in hours { try await store.rollUp(now: now) }
        }
        for number in first..<Int64.max {
            try await store.write(CrashPlan.batch(number))
            say("ack \(number)")
            clock.yield(Timestamp(milliseconds: CrashPlan.second(of: number) * 1000))
        }
        rolling.cancel()
    }

    private static func verify(_ directory: String, count: Int64, isDeep: Bool) async throws {
        let store = try await SQLiteProfileStore(directory: directory)
        let found = try await sums(in: store)
        let total = try await store.mergeStacks([], type: .cpu, range: everything).total
        await store.close()
        // The one that was under way when the process was killed may be there: whole.
        guard let next = [count, count + 1].first(where: { CrashPlan.sums(below: $0) == found })
        else { fail("the store does not hold \(count) or \(count + 1) batches, each once") }
        let wanted = found.values.reduce(0) { $0 + $1.values.reduce(0, +) }
        guard total == wanted else { fail("stacks add up to \(total), windows to \(wanted)") }
        if isDeep {
            try StoreInspection(directory: directory).verify { finding in
                if finding.isDamage { fail("\(finding)") }
            }
        }
        say("next \(next)")
    }

    private static func sums(
        in store: SQLiteProfileStore
    ) async throws -> [String: [Int64: Int64]] {
        var sums: [String: [Int64: Int64]] = [:]
        for series in try await store.totals([], type: .cpu, range: everything) {
            let service = series.labels[LabelSet.serviceName] ?? ""
            for point in series.points {
                sums[service, default: [:]][point.start.milliseconds / 1000, default: 0] +=
                    point.value
            }
        }
        return sums
    }

    private static var everything: TimeRange {
        let end = Timestamp(milliseconds: 4_000_000_000_000)
        guard let range = TimeRange(Timestamp(milliseconds: 0), end) else { exit(2) }
        return range
    }

    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func fail(_ text: String) -> Never {
        say("wrong: \(text)")
        exit(1)
    }
}
