import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing

@testable import HTTPSurface

@Suite struct RequestGuardTests {
    struct HostCase: CustomTestStringConvertible {
        let authority: String
        let listen: String
        let extra: [String]
        let isAllowed: Bool

        init(
            _ authority: String, _ isAllowed: Bool, listen: String = "127.0.0.1",
            extra: [String] = []
        ) {
            self.authority = authority
            self.listen = listen
            self.extra = extra
            self.isAllowed = isAllowed
        }

        var testDescription: String { "\(authority) on \(listen)" }

        static let all = [
            HostCase("127.0.0.1", true),
            HostCase("127.0.0.1:4041", true),
            HostCase("127.8.9.10:1", true),
            HostCase("localhost", true),
            HostCase("LocalHost:4041", true),
            HostCase("localhost.:4041", true),
            HostCase("[::1]", true),
            HostCase("[::1]:4041", true),
            HostCase("[0:0:0:0:0:0:0:1]:4041", true),
            HostCase("[::ffff:127.0.0.1]:4041", true),
            HostCase("evil.example", false),
            HostCase("evil.example:4041", false),
            HostCase("127.0.0.1.evil.example", false),
            HostCase("localhost.evil.example", false),
            HostCase("127.0.0.1@evil.example", false),
            HostCase("10.1.2.3:4041", false),
            HostCase("[::2]:4041", false),
            HostCase("128.0.0.1", false),
            HostCase("127.1", false),
            HostCase("2130706433", false),
            HostCase("0.0.0.0:4041", false),
            HostCase("localhost:port", false),
            HostCase("[::1", false),
            HostCase("[::1]x", false),
            HostCase(":4041", false),
            HostCase("localhost\u{0}", false),
            HostCase("10.1.2.3:4041", true, listen: "10.1.2.3"),
            HostCase("10.1.2.4:4041", false, listen: "10.1.2.3"),
            HostCase("127.0.0.1:4041", true, listen: "10.1.2.3"),
            HostCase("192.168.7.7", true, listen: "0.0.0.0"),
            HostCase("[fe80::1]:4041", true, listen: "::"),
            HostCase("evil.example", false, listen: "0.0.0.0"),
            HostCase("node7.lan:4041", true, extra: ["Node7.LAN"]),
            HostCase("node8.lan:4041", false, extra: ["node7.lan"]),
        ]
    }

    @Test(arguments: HostCase.all)
    func `answers by its own names only`(_ example: HostCase) {
        let policy = HostPolicy(listenHost: example.listen, extra: example.extra)
        #expect(policy.allows(authority: example.authority) == example.isAllowed)
    }

    struct OriginCase: CustomTestStringConvertible {
        let path: String
        let fields: [String: String]
        let status: Int?

        init(_ fields: [String: String], _ status: Int?, path: String = "/metrics") {
            self.path = path
            self.fields = fields
            self.status = status
        }

        var testDescription: String { "\(path) \(fields)" }

        private static let link = [
            "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        ]

        static let all = [
            OriginCase([:], nil),
            OriginCase(["Origin": "http://localhost:4041"], nil),
            OriginCase(["Origin": "https://LOCALHOST:4041"], nil),
            OriginCase(["Origin": "http://localhost:3000"], 403),
            OriginCase(["Origin": "http://127.0.0.1:4041"], 403),
            OriginCase(["Origin": "http://evil.example"], 403),
            OriginCase(["Origin": "null"], 403),
            OriginCase(["Origin": "localhost:4041"], 403),
            OriginCase(["Sec-Fetch-Site": "same-origin"], nil),
            OriginCase(["Sec-Fetch-Site": "none"], nil),
            OriginCase(["Sec-Fetch-Site": "same-site"], 403),
            OriginCase(["Sec-Fetch-Site": "cross-site"], 403),
            OriginCase(["Sec-Fetch-Site": "cross-site"], 403, path: "/"),
            OriginCase(link, nil, path: "/"),
            OriginCase(link, 403, path: "/debug/pprof/profile"),
            OriginCase(
                [
                    "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
                    "Sec-Fetch-Dest": "iframe",
                ], 403, path: "/"),
            OriginCase(["Host": "second.example"], 400),
        ]
    }

    private func request(
        authority: String?, path: String = "/", _ fields: [String: String] = [:]
    ) throws -> Request {
        var head = HTTPRequest(method: .get, scheme: "http", authority: authority, path: path)
        for (name, value) in fields {
            head.headerFields[try #require(HTTPField.Name(name))] = value
        }
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    @Test(arguments: OriginCase.all)
    func `turns away what another site's page causes`(_ example: OriginCase) throws {
        let subject = RequestGuard(hosts: HostPolicy(listenHost: "127.0.0.1"))
        let request = try request(
            authority: "localhost:4041", path: example.path, example.fields)
        let status: Int?
        do {
            try subject.check(request)
            status = nil
        } catch {
            status = error.status.code
        }
        #expect(status == example.status)
    }

    @Test func `a foreign or missing Host is refused with the reason`() throws {
        let subject = RequestGuard(hosts: HostPolicy(listenHost: "127.0.0.1"))
        #expect(throws: HTTPProblem.self) { try subject.check(try request(authority: nil)) }
        do {
            try subject.check(try request(authority: "evil.example"))
            Issue.record("evil.example was let in")
        } catch let problem as HTTPProblem {
            #expect(problem.status.code == 421)
            #expect(problem.message.contains("evil.example"))
            #expect(problem.message.contains("allowed-hosts"))
        }
    }
}
