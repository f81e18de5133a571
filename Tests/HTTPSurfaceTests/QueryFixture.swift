import Foundation
import HTTPSurface
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ProfileModel
import ProfileStore
import Testing

/// A store with two services of several types, and questions to its surface.
struct QueryFixture {
    let store: any ProfileStore

    static let start: Int64 = 1_700_000_000
    static let cpu = ProfileType.cpu.id
    static let space = "memory:alloc_space:bytes:space:bytes"
    static let range = "from=\(start - 10)&until=\(start + 50)"

    /// web: 3 windows of 15 s, of which the last is of another zone; db: one; web's memory: one.
    init(_ store: any ProfileStore = MemoryProfileStore()) async throws {
        self.store = store
        try await write("web", "main;handle;parse 600\nmain;handle;send 300", zone: "a")
        try await write("web", "main;handle;parse 100", at: 15, zone: "a")
        try await write("web", "main;idle 50", at: 30, zone: "b")
        try await write("db", "main;scan 40\nmain;handle;parse 10")
        try await write("web", "main;make 4096", type: Self.space)
    }

    func write(
        _ service: String, _ folded: String, at second: Int64 = 0, type: String = cpu,
        zone: String = ""
    ) async throws {
        var table = StackTable()
        let values = folded.split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            let stack = parts[0].split(separator: ";").reversed().map {
                table.intern(
                    Location(
                        named: [Line(function: Function(name: String($0)))], kind: .native,
                        module: service))
            }
            return StackValue(stack: table.intern(stack: stack), value: Int64(parts[1]) ?? 0)
        }
        let profile = Profile(
            labels: LabelSet([Label("service_name", service), Label("zone", zone)]),
            type: try #require(ProfileType(id: type)),
            start: Timestamp(milliseconds: (Self.start + second) * 1000),
            durationMilliseconds: 10_000, period: 1, values: values)
        try await store.write(ProfileBatch(table: table, profiles: [profile]))
    }

    func get(
        _ path: String, _ parameters: KeyValuePairs<String, String>
    ) async throws -> TestResponse {
        let query = parameters.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        return try await Fixture.application(store: store).test(.router) { client in
            try await client.execute(uri: "\(path)?\(query)", method: .get)
        }
    }

    func object(
        _ path: String, _ parameters: KeyValuePairs<String, String>
    ) async throws -> [String: Any] {
        let response = try await get(path, parameters)
        #expect(response.status == .ok, "\(String(buffer: response.body))")
        return try Self.object(response)
    }

    static func object(_ response: TestResponse) throws -> [String: Any] {
        let any = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return try #require(any as? [String: Any])
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar.properties.isAlphabetic && byte < 0x80 || ("0"..."9").contains(scalar)
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
