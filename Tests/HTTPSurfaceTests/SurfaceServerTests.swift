import Glibc
import HTTPSurface
import Logging
import ProfileQuery
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct SurfaceServerTests {
    private func server(port: Int, whenListening: @escaping @Sendable (Int) async -> Void)
        async throws -> SurfaceServer
    {
        let surface = HTTPSurface(
            engine: QueryEngine(store: try await Fixture.store()), node: FakeNode(),
            hosts: HostPolicy(listenHost: "127.0.0.1"))
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return SurfaceServer(
            surface, host: "127.0.0.1", port: port, logger: logger, whenListening: whenListening)
    }

    @Test func `reports its port, answers there, and says when it is taken`() async throws {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let first = try await server(port: 0) { continuation.yield($0) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let group = ServiceGroup(services: [first], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            #expect(port > 0)
            #expect(try reply(port: port, host: "localhost").hasPrefix("HTTP/1.1 200"))
            #expect(try reply(port: port, host: "evil.example").hasPrefix("HTTP/1.1 421"))
            let second = try await server(port: port) { _ in }
            do {
                try await second.run()
                Issue.record("two servers listen on one port")
            } catch let error as ListenError {
                #expect(error.description.hasPrefix("127.0.0.1:\(port) is in use: "))
                #expect(error.description.contains("--listen"))
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// What a plain socket gets for `GET /healthz`.
    private func reply(port: Int, host: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
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
        let text = "GET /healthz HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
