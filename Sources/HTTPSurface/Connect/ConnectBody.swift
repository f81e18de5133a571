import HTTPTypes
import Hummingbird
import NIOCore
import Pprof

/// The bytes of a call's request.
enum ConnectBody {
    /// Sent as well as unpacked: no question is that long.
    static let limit = 1 << 20

    /// Refuses by the headers what need not be read.
    static func check(_ headers: HTTPFields) throws(ConnectError) {
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw tooLarge
        }
        let coding = headers[.contentEncoding]?.lowercased() ?? "identity"
        guard coding == "gzip" || coding == "identity" else {
            // Connect's code; its status, 501, would call a fault of the sender's ours.
            throw ConnectError(
                .unimplemented, "the content encoding \(quoted(coding)) is not known, only gzip",
                status: .unsupportedMediaType)
        }
    }

    /// Reads all of `body` and unpacks it as `headers` say.
    static func read(_ body: RequestBody, _ headers: HTTPFields) async throws -> [UInt8] {
        let bytes = try await sent(body)
        guard headers[.contentEncoding]?.lowercased() == "gzip", !bytes.isEmpty else {
            return bytes
        }
        do {
            return try Gzip.decompress(bytes, limit: limit)
        } catch GzipError.tooLarge {
            throw tooLarge
        } catch {
            throw ConnectError.invalid("the body is said to be gzip and is not")
        }
    }

    private static func sent(_ body: RequestBody) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var length = 0
        do {
            for try await part in body {
                length += part.readableBytes
                // What is too much is read for a while still: who is cut off in the middle of sending
                // does not hear why.
                guard length <= 16 * limit else { break }
                if length <= limit { bytes += part.readableBytesView }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ConnectError.invalid("the request ends inside its body: \(error)")
        }
        guard length <= limit else { throw tooLarge }
        return bytes
    }

    private static let tooLarge = ConnectError(
        .invalidArgument, "the request is larger than \(limit) bytes", status: .contentTooLarge)
}
