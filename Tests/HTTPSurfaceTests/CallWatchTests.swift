import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPSurface

/// Calls have bodies, whole ones or not, and clients may hang up at any point of them.
@Suite(.timeLimit(.minutes(1))) struct CallWatchTests {
    private static let path = QuerierRoutes.service + "SelectMergeStacktraces"
    private static let question =
        #"{"profile_typeID":"process_cpu:cpu:nanoseconds:cpu:nanoseconds","start":1,"end":2}"#

    @Test func `a slow call answers, and says that its connection ends`() async throws {
        let store = SlowStore(wait: .milliseconds(400))
        let response = try await Fixture.application(store: store).test(.live) { client in
            try await client.execute(
                uri: Self.path, method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: Self.question))
        }
        #expect(response.status == .ok)
        #expect(response.headers[.connection] == "close")
    }

    @Test func `a call whose client hangs up stops reading`() async throws {
        let store = SlowStore(wait: .seconds(3600))
        try await Fixture.application(store: store).test(.live) { client in
            let port = try #require(client.port)
            let descriptor = try Self.send(
                Self.question, claiming: Self.question.utf8.count, port: port)
            await store.waitForRead()
            close(descriptor)
            await store.waitForStop()
        }
    }

    @Test(arguments: [0, 10, 60])
    func `a client that hangs up inside its question does no harm`(_ sent: Int) async throws {
        try await Fixture.application().test(.live) { client in
            let port = try #require(client.port)
            for isHalf in [true, false] {
                let part = String(Self.question.prefix(sent))
                let descriptor = try Self.send(
                    part, claiming: Self.question.utf8.count, port: port)
                if isHalf {
                    shutdown(descriptor, Int32(SHUT_WR))
                    #expect(try await Self.statusLine(descriptor) == "HTTP/1.1 400")
                }
                close(descriptor)
            }
            let answer = try await client.execute(uri: "/healthz", method: .get)
            #expect(answer.status == .ok)
        }
    }

    private static func send(_ body: String, claiming length: Int, port: Int) throws -> Int32 {
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
        let text =
            "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(length)\r\n\r\n\(body)"
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        return descriptor
    }

    /// The first twelve characters of the answer; waits without holding a thread.
    private static func statusLine(_ descriptor: Int32) async throws -> String {
        var buffer = [UInt8](repeating: 0, count: 12)
        while recv(descriptor, &buffer, 12, Int32(MSG_DONTWAIT | MSG_PEEK)) != 12 {
            try await Task.sleep(for: .milliseconds(5))
        }
        return String(decoding: buffer, as: UTF8.self)
    }
}
