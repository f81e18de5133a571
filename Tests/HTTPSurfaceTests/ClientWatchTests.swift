import Glibc
import HTTPSurface
import Logging
import ProfileModel
import ProfileQuery
import ProfileStore
import ServiceLifecycle
import Synchronization
import Testing

/// A query whose client hangs up stops reading; one that is waited for does not.
@Suite(.timeLimit(.minutes(1))) struct ClientWatchTests {
    /// Runs a server over the store, and gives its port to `body`.
    private func serving(
        _ store: any ProfileStore, _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let surface = HTTPSurface(
            engine: QueryEngine(store: store), node: FakeNode(),
            hosts: HostPolicy(listenHost: "127.0.0.1"))
        let server = SurfaceServer(surface, host: "127.0.0.1", port: 0, logger: logger) {
            continuation.yield($0)
        }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await body(port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static let paths = [
        "/pyroscope/render?query=\(Fixture.query)", "/render?query=\(Fixture.query)&format=pprof",
        "/pyroscope/render-diff?leftQuery=\(Fixture.query)&rightQuery=\(Fixture.query)",
        "/api/v1/services",
    ]

    @Test(arguments: paths)
    func `a query whose client hangs up stops reading`(_ path: String) async throws {
        let store = SlowStore(wait: .seconds(3600))
        try await serving(store) { port in
            let descriptor = try Self.ask(path, port: port)
            await store.waitForRead()
            close(descriptor)
            await store.waitForStop()
        }
        #expect(store.reads.withLock { $0 } == 1)
    }

    @Test func `a slow answer arrives, though its client is watched`() async throws {
        let store = SlowStore(wait: .milliseconds(500))
        try await serving(store) { port in
            let descriptor = try Self.ask(Self.paths[0], port: port)
            let answer = try await Self.answer(descriptor)
            close(descriptor)
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            #expect(answer.contains("\"levels\":[[0,0,0,0]]"))
        }
    }

    private static func ask(_ path: String, port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        try send(path, on: descriptor)
        return descriptor
    }

    private static func send(_ path: String, on descriptor: Int32) throws {
        let text = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    /// All until the body's end or the connection's; waits without holding a thread.
    private static func answer(_ descriptor: Int32) async throws -> String {
        var answer = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                answer += String(decoding: buffer[..<count], as: UTF8.self)
                if answer.hasSuffix("}") || answer.hasSuffix("]") { return answer }
            } else if count == 0 {
                return answer
            } else {
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// A store that takes its time, and notes when a read ends before that.
final class SlowStore: ProfileStore {
    let reads = Mutex(0)
    private let wait: Duration
    private let begun = AsyncStream<Void>.makeStream()
    private let stopped = AsyncStream<Void>.makeStream()

    init(wait: Duration) { self.wait = wait }

    func waitForRead() async { await begun.stream.first { _ in true } }

    func waitForStop() async { await stopped.stream.first { _ in true } }

    private func read() async throws(StoreError) {
        reads.withLock { $0 += 1 }
        begun.continuation.yield()
        do {
            try await Task.sleep(for: wait)
        } catch {
            stopped.continuation.yield()
            throw StoreError(.cancelled, "the query was cancelled")
        }
    }

    func write(_ batch: ProfileBatch) async throws(StoreError) {}

    func mergeStacks(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange, stackLimit: Int
    ) async throws(StoreError) -> MergedProfile {
        try await read()
        return MergedProfile(type: type, range: range, period: 1, table: StackTable(), values: [])
    }

    func totals(
        _ matchers: [LabelMatcher], type: ProfileType, range: TimeRange
    ) async throws(StoreError) -> [SeriesTotals] {
        try await read()
        return []
    }

    func profileTypes(in range: TimeRange?) async throws(StoreError) -> [ProfileType] { [] }

    func series(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [SeriesKey] { [] }

    func labelNames(
        _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] { [] }

    func labelValues(
        _ name: String, _ matchers: [LabelMatcher], in range: TimeRange?
    ) async throws(StoreError) -> [String] { [] }

    func status() async -> StoreStatus {
        StoreStatus(
            problem: nil, seriesCount: 0, partitionCount: 0, bytesOnDisk: 0, pairsWritten: 0,
            oldest: nil, newest: nil)
    }

    func close() async {}
}
