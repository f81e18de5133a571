import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ProfileModel
import ServiceLifecycle
import Symbolication

/// Fetches debug files that names want from servers that speak debuginfod's protocol
/// (`GET /buildid/ID/debuginfo`): one at a time, seldom, and never in anybody's way.
struct DebugFileFetcher: Service {
    let urls: [String]
    let depot: DebugFileDepot
    let names: Symbolicator
    let problems: ProblemLog

    /// Between two files.
    private static let pause = Duration.seconds(2)
    /// For one file, slow servers included.
    private static let timeout = TimeAmount.seconds(120)
    /// A file that is larger would take more to read than its names are worth.
    private static let sizeLimit = 512 << 20
    /// A file that no server has may be there tomorrow, one whose server did not answer in ten minutes.
    private static let absentSeconds: UInt64 = 86_400
    private static let failedSeconds: UInt64 = 600

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if let id = depot.nextWish() { await fetch(id) }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func fetch(_ id: BuildID) async {
        var refusal = Self.absentSeconds
        for url in urls {
            do {
                guard try await fetch(id, from: url) else { continue }
                guard depot.accept(id) else { continue }
                return names.reconsider(id)
            } catch {
                refusal = Self.failedSeconds
                problems.report(
                    "A debug file could not be fetched", key: "debuginfod", "\(url): \(error)")
            }
        }
        depot.refuse(id, seconds: refusal)
    }

    /// False when the server does not have it.
    private func fetch(_ id: BuildID, from url: String) async throws -> Bool {
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        var request = HTTPClientRequest(url: "\(base)/buildid/\(id.hexadecimal)/debuginfo")
        request.headers.add(name: "User-Agent", value: "hearth/\(Version.text)")
        let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
        guard response.status == .ok else {
            guard response.status == .notFound else {
                throw FetchError(text: "the server says \(response.status.code)")
            }
            return false
        }
        let part = depot.path(of: id) + ".part"
        defer { try? FileManager.default.removeItem(atPath: part) }
        guard FileManager.default.createFile(atPath: part, contents: nil) else {
            throw FetchError(text: "\(part) cannot be written")
        }
        let file = try FileHandle(forWritingTo: URL(filePath: part))
        defer { try? file.close() }
        var total = 0
        for try await buffer in response.body {
            total += buffer.readableBytes
            guard total <= Self.sizeLimit else { throw FetchError(text: "the file is too large") }
            try file.write(contentsOf: Data(buffer.readableBytesView))
        }
        return rename(part, depot.path(of: id)) == 0
    }
}

/// Why a file was not fetched.
private struct FetchError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
