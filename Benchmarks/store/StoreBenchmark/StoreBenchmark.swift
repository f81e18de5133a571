import Fleet
import Glibc
import ProfileModel
import ProfileQuery
import ProfileStore

/// The synthetic day of the store's design: one service for 24 hours, 200 services in its last one.
/// Prints bytes per pair, pairs per second, and the time queries take, alone and beside ingest.
@main struct StoreBenchmark {
    /// Unix seconds: midnight, 2027-01-15.
    static let midnight: Int64 = 1_799_971_200
    static let windowSeconds: Int64 = 10
    static let services = 200
    /// A server's share: the dictionaries of 200 services take some 120 MB.
    static let options = StoreOptions(dictionaryMemory: 256 << 20)

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard (2...3).contains(arguments.count),
            let hours = Int64(arguments.dropFirst(2).first ?? "24")
        else {
            say(
                "usage: StoreBenchmark DIRECTORY [HOURS]; the directory empty or not there; 0 hours: asks what an earlier run left"
            )
            exit(2)
        }
        let directory = arguments[1]
        let fleet = SyntheticFleet(services: services)
        say("mean depth \(decimals(fleet.services[0].meanDepth, 1))")
        if hours > 0 { try await ingest(fleet, directory, hours: hours) }
        try await ask(fleet, directory)
    }

    private static func ingest(_ fleet: SyntheticFleet, _ directory: String, hours: Int64)
        async throws
    {
        let store = try await SQLiteProfileStore(directory: directory, options: options)
        let lastHour = midnight + 23 * 3600
        for second in stride(
            from: lastHour - (hours - 1) * 3600, to: lastHour, by: Int(windowSeconds))
        {
            try await store.write(fleet.batch(at: second, services: 1))
        }
        var wall = 0.0
        var processor = 0.0
        var ticks: [Double] = []
        let before = await store.status().pairsWritten
        for second in stride(from: lastHour, to: lastHour + 3600, by: Int(windowSeconds)) {
            let batch = fleet.batch(at: second, services: services)
            let watch = Stopwatch()
            try await store.write(batch)
            let elapsed = watch.elapsed
            wall += elapsed.wall
            processor += elapsed.processor
            ticks.append(elapsed.wall)
        }
        let pairs = await store.status().pairsWritten
        let written = Double(pairs - before)
        say(
            "ingest: \(decimals(written / wall / 1e6, 2)) M pairs/s of wall time,",
            "\(decimals(written / processor / 1e6, 2)) M per CPU second;",
            "a window of 60,000: median \(milliseconds(median(ticks))),",
            "slowest \(milliseconds(ticks.max() ?? 0))")
        let closing = Stopwatch()
        try await store.rollUp(now: Timestamp(milliseconds: (midnight + 86_400 + 300) * 1000))
        say(
            "roll-up: \(decimals(closing.elapsed.wall, 2)) s,",
            "\(await store.status().hoursToRollUp) hours left")
        await store.close()
        let again = try await SQLiteProfileStore(directory: directory, options: options)
        let bytes = await again.status().bytesOnDisk
        await again.close()
        say(
            "disk: \(pairs) pairs, \(bytes) bytes, \(decimals(Double(bytes) / Double(pairs), 3)) B/pair"
        )
    }

    private static func ask(_ fleet: SyntheticFleet, _ directory: String) async throws {
        let store = try await SQLiteProfileStore(directory: directory, options: options)
        let questions = Questions(
            engine: QueryEngine(store: store), end: midnight + 24 * 3600 - 1)
        say("alone:")
        try await time(questions)
        say("beside ingest at full rate:")
        let day = midnight + 24 * 3600
        let batches = (0..<30).map { fleet.batch(at: day + $0 * windowSeconds, services: services) }
        let writing = Task {
            while !Task.isCancelled {
                for batch in batches where !Task.isCancelled { try await store.write(batch) }
            }
        }
        try await time(questions)
        writing.cancel()
        try await writing.value
        await store.close()
    }

    private static func time(_ questions: Questions) async throws {
        for name in Questions.names {
            let cold = Stopwatch()
            try await questions.ask(name)
            let first = cold.elapsed.wall
            var times: [Double] = []
            for _ in 0..<15 {
                let watch = Stopwatch()
                try await questions.ask(name)
                times.append(watch.elapsed.wall)
            }
            say(
                "  \(name): median \(milliseconds(median(times))), slowest",
                "\(milliseconds(times.max() ?? 0)), first \(milliseconds(first))")
        }
    }

    /// Prints at once, also into a file.
    private static func say(_ words: String...) {
        print(words.joined(separator: " "))
        fflush(nil)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func milliseconds(_ seconds: Double) -> String {
        "\(decimals(seconds * 1000, 1)) ms"
    }

    private static func decimals(_ value: Double, _ places: Int) -> String {
        let scale = pow(10, Double(places))
        return "\((value * scale).rounded() / scale)"
    }
}
