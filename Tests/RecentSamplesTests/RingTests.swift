import Foundation
import LinuxSystem
import ProfileModel
import ProfileStore
import Testing

@testable import RecentSamples

@Suite struct RingTests {
    private static let second: Int64 = 1_800_000_000

    /// Everything in a ring, as it was put in.
    private func content(of ring: RecentSamples) throws -> [Plain] {
        let codec = ZstdCodec()
        var found: [Plain] = []
        for chapter in ring.chapters() {
            for part in chapter.parts {
                let table = try part.threads(codec)
                let stacks = try part.stacks(codec)
                let all = Set((0..<stacks.count).flatMap { stacks.locations(of: $0) })
                let locations = try chapter.locations(all, codec)
                for segment in part.segments {
                    let columns = try part.samples(of: segment, codec)
                    for index in 0..<columns.count {
                        let thread = table.threads[Int(columns.threads[index])]
                        let stack = stacks.locations(of: Int(columns.stacks[index]))
                        found.append(
                            Plain(
                                time: segment.start.milliseconds * 1000
                                    + Int64(columns.offsets[index]),
                                cpu: columns.cpus[index], pid: thread.pid, tid: thread.tid,
                                service: table.series[Int(thread.series)]["service_name"] ?? "",
                                stack: stack.flatMap { locations[$0]?.names ?? ["?"] }))
                    }
                }
            }
        }
        return found.sorted()
    }

    /// With little memory a chapter has many parts, whose stacks name locations of earlier ones.
    @Test(arguments: [4 << 20, 60_000, 20_000, 1])
    func `what went in comes out, from memory and from disk`(_ memory: Int) throws {
        let directory = try TemporaryDirectory()
        let ring = RecentSamples(
            directory: directory.path,
            options: RecentOptions(spanMilliseconds: 200_000, memoryLimit: memory))
        var random = SystemRandomNumberGenerator()
        var all: [Plain] = []
        for index in Int64(0)..<12 {
            let second = Self.second + index * 10
            let samples = machine(at: second, using: &random)
            all += samples
            try ring.add(window(at: second, samples))
        }
        if memory >= 60_000 { #expect(ring.holdings.chapters == 3, "50 s each") }
        let parts = ring.chapters().flatMap(\.parts).count
        #expect((memory < 4 << 20) == (parts > 3), "\(parts) parts")
        #expect(memory == 1 || ring.holdings.memoryBytes < memory)
        #expect(ring.holdings.samples == all.count)
        #expect(try content(of: ring) == all.sorted())
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty,
            "chapters have no names")
    }

    @Test func `chapters go when all of them is too old, and not before`() throws {
        let directory = try TemporaryDirectory()
        let ring = RecentSamples(
            directory: directory.path, options: RecentOptions(spanMilliseconds: 120_000))
        var random = SystemRandomNumberGenerator()
        var counts: [Int] = []
        for index in Int64(0)..<60 {
            let second = Self.second + index * 10
            let samples = machine(at: second, using: &random)
            counts.append(samples.count)
            try ring.add(window(at: second, samples))
            let holdings = ring.holdings
            let end = (second + 10) * 1000
            #expect(holdings.end?.milliseconds == end)
            let start = try #require(holdings.start).milliseconds
            #expect(start <= max(Self.second * 1000, end - 120_000), "the whole span is there")
            #expect(end - start <= 150_000, "and a chapter at most beside it")
        }
        let holdings = ring.holdings
        #expect(holdings.dropped[.age] == UInt64(counts.reduce(0, +) - holdings.samples))
        #expect(holdings.droppedUntil == holdings.start)
        #expect(holdings.dropped[.bytes] == nil)
    }

    @Test func `the oldest go when all take too much`() throws {
        let directory = try TemporaryDirectory()
        let limit = 60_000
        let ring = RecentSamples(
            directory: directory.path, options: RecentOptions(byteLimit: limit))
        var random = SystemRandomNumberGenerator()
        var total = 0
        for index in Int64(0)..<100 {
            let second = Self.second + index * 10
            let samples = machine(at: second, using: &random)
            total += samples.count
            try ring.add(window(at: second, samples))
            #expect(ring.holdings.bytes <= limit)
            #expect(ring.holdings.end?.milliseconds == (second + 10) * 1000)
        }
        let holdings = ring.holdings
        #expect(holdings.samples > 1000)
        #expect(holdings.dropped[.bytes] == UInt64(total - holdings.samples))
        #expect(holdings.memoryBytes <= limit / 2)
    }

    @Test func `a reader keeps what is dropped under it`() throws {
        let directory = try TemporaryDirectory()
        let ring = RecentSamples(
            directory: directory.path, options: RecentOptions(spanMilliseconds: 60_000))
        var random = SystemRandomNumberGenerator()
        for index in Int64(0)..<3 {
            let second = Self.second + index * 10
            try ring.add(window(at: second, machine(at: second, using: &random)))
        }
        let chapters = ring.chapters()
        let count = chapters.reduce(0) { $0 + $1.sampleCount }
        let codec = ZstdCodec()
        for index in Int64(100)..<103 {
            let second = Self.second + index * 10
            try ring.add(window(at: second, machine(at: second, using: &random)))
        }
        #expect((ring.holdings.start?.milliseconds ?? 0) >= (Self.second + 1000) * 1000)
        var read = 0
        for part in chapters.flatMap(\.parts) {
            for segment in part.segments { read += try part.samples(of: segment, codec).count }
            #expect(try part.stacks(codec).count > 0)
        }
        #expect(read == count)
    }

    @Test func `a chapter that cannot be written is counted, and the ring goes on`() throws {
        let ring = RecentSamples(
            directory: "/nonexistent", options: RecentOptions(spanMilliseconds: 60_000))
        var random = SystemRandomNumberGenerator()
        let first = machine(at: Self.second, using: &random)
        try ring.add(window(at: Self.second, first))
        let second = machine(at: Self.second + 10, using: &random)
        #expect(throws: SystemCallError.self) {
            try ring.add(window(at: Self.second + 10, second))
        }
        #expect(ring.holdings.samples == second.count)
        #expect(ring.holdings.dropped[.file] == UInt64(first.count))
    }

    @Test func `a clock that is set back or forward loses nothing but age`() throws {
        let directory = try TemporaryDirectory()
        let ring = RecentSamples(directory: directory.path)
        var random = SystemRandomNumberGenerator()
        var all: [Plain] = []
        for second in [0, 10, -600, -590, 20, 30] as [Int64] {
            let samples = machine(at: Self.second + second, using: &random)
            all += samples
            try ring.add(window(at: Self.second + second, samples))
        }
        #expect(try content(of: ring) == all.sorted())
        try ring.add(window(at: Self.second + 90_000, []))
        #expect(ring.holdings.samples == 0)
        #expect(ring.holdings.dropped[.age] == UInt64(all.count))
    }

    @Test func `samples that nobody could keep are counted`() throws {
        let directory = try TemporaryDirectory()
        let ring = RecentSamples(directory: directory.path)
        try ring.add(window(at: Self.second, missing: 12, []))
        #expect(ring.holdings.dropped[.window] == 12)
        #expect(ring.holdings.start == nil)
        #expect(ring.chapters().isEmpty)
    }
}
