import Foundation
import HTTPTypes
import Hummingbird

extension Response {
    /// JSON with names as Swift spells them, or `snake_case` where the format is our own.
    static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, snakeCase: Bool = false
    ) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        if snakeCase { encoder.keyEncodingStrategy = .convertToSnakeCase }
        // Encoding fails for numbers that JSON has not only: no report holds an infinity.
        let data = (try? encoder.encode(value)) ?? Data("{}".utf8)
        return Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }

    static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response
    {
        Response(
            status: .ok, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static func bytes(_ bytes: [UInt8], contentType: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Something to save; `filename` is what a browser proposes.
    static func file(_ bytes: [UInt8], filename: String) -> Response {
        var response = Response.bytes(bytes, contentType: "application/octet-stream")
        response.headers[.contentDisposition] = "attachment; filename=\"\(filename)\""
        return response
    }
}
