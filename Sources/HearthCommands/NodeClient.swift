import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ProfileModel

/// Asks one node over HTTP.
struct NodeClient {
    private let base: URL

    /// Answers larger than this are refused: no flame graph is.
    private static let sizeLimit = 256 << 20

    init(_ address: String) throws {
        let text = address.contains("://") ? address : "http://\(address)"
        guard let url = URL(string: text), url.host() != nil else {
            throw CommandError("--node \(address): not an address like http://127.0.0.1:4041")
        }
        base = url
    }

    /// One merged profile in the format asked for.
    func profile(
        _ query: String, range: [String: String], as format: RecordingFormat
    ) async throws -> [UInt8] {
        let name =
            switch format {
            case .pprof: "pprof"
            case .folded: "collapsed"
            case .svg: "svg"
            case .json: "json"
            }
        var parameters = range
        parameters["query"] = query
        parameters["format"] = name
        return try await get("pyroscope/render", parameters)
    }

    /// A selection's stacks, read back.
    func folded(_ selection: Selection) async throws -> MergedProfile {
        let range = ["from": selection.from, "until": selection.until]
        let bytes = try await profile(selection.query, range: range, as: .folded)
        return FoldedProfile(String(decoding: bytes, as: UTF8.self)).merged
    }

    /// Two selections as a difference flame graph: Pyroscope's document, or a page of its own.
    func difference(
        _ baseline: Selection, _ current: Selection, isPage: Bool
    ) async throws -> [UInt8] {
        try await get(
            "render-diff",
            [
                "leftQuery": baseline.query, "leftFrom": baseline.from,
                "leftUntil": baseline.until, "rightQuery": current.query,
                "rightFrom": current.from, "rightUntil": current.until,
                "format": isPage ? "html" : "json",
            ])
    }

    /// Every application with its CPU time, most first.
    func applications(range: [String: String]) async throws -> ApplicationList {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            ApplicationList.self, from: Data(try await get("api/v1/services", range)))
    }

    private func get(_ path: String, _ parameters: [String: String]) async throws -> [UInt8] {
        let url = base.appending(path: path).appending(
            queryItems: parameters.sorted { $0.key < $1.key }.map {
                URLQueryItem(name: $0.key, value: $0.value)
            })
        // URLs take a plus for itself, servers for a space.
        let text = url.absoluteString.replacing("+", with: "%2B")
        let (status, body) = try await fetch(text)
        guard status == 200 else { throw problem(status, body) }
        return body
    }

    private func fetch(_ url: String) async throws -> (status: UInt, body: [UInt8]) {
        do {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url), timeout: .seconds(60))
            let body = try await response.body.collect(upTo: Self.sizeLimit)
            return (response.status.code, Array(body.readableBytesView))
        } catch {
            throw CommandError(
                "no answer from \(base.absoluteString): does `hearth agent` run there? (\(error))")
        }
    }

    private func problem(_ status: UInt, _ body: [UInt8]) -> CommandError {
        struct Problem: Decodable {
            let message: String
            let parameter: String?
        }
        guard let problem = try? JSONDecoder().decode(Problem.self, from: Data(body)) else {
            return CommandError("\(base.absoluteString) answered with status \(status)")
        }
        let subject = problem.parameter.map { "\($0): " } ?? ""
        return CommandError(subject + problem.message)
    }
}
