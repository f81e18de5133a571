import HTTPTypes
import Hummingbird
import PyroscopeAPI
import SwiftProtobuf

/// How a call's messages are written. The answer comes as the question did.
enum ConnectCodec: String {
    case protobuf = "application/proto"
    case json = "application/json"

    /// Reads `Content-Type`; its parameters say nothing new, but text is UTF-8 only.
    init(contentType: String?) throws(ConnectError) {
        let parts = (contentType ?? "").lowercased().split(separator: ";").map {
            $0.filter { $0 != " " && $0 != "\"" }
        }
        let isForeign = parts.dropFirst().contains {
            $0.hasPrefix("charset=") && $0 != "charset=utf-8"
        }
        guard let codec = Self(rawValue: parts.first ?? ""), !isForeign else {
            throw ConnectError(
                .invalidArgument,
                "the content type is \(quoted(contentType ?? "")), not application/json or "
                    + "application/proto",
                status: .unsupportedMediaType)
        }
        self = codec
    }

    /// JSON may name fields in lowerCamelCase or as the .proto file does, both in one body, and numbers
    /// of 64 bits may be strings; fields nobody knows are ignored.
    func decode<Input: Message>(_ bytes: [UInt8], as type: Input.Type) throws(ConnectError) -> Input
    {
        switch self {
        case .protobuf:
            do {
                return try Input(serializedBytes: bytes)
            } catch {
                throw .invalid("the body is no \(Input.protoMessageName): \(error)")
            }
        case .json:
            // protoc's own readers take an empty text for an empty message; Connect does not.
            guard bytes.contains(where: { !" \t\r\n".utf8.contains($0) }) else {
                throw .invalid("the body is empty; the least there can be is {}")
            }
            var options = JSONDecodingOptions()
            options.ignoreUnknownFields = true
            do {
                return try Input(jsonUTF8Bytes: bytes, options: options)
            } catch {
                throw .invalid("the body is no JSON of \(Input.protoMessageName): \(error)")
            }
        }
    }

    /// JSON with lowerCamelCase names, numbers of 64 bits as strings, and fields of value zero left out.
    func encode(_ message: some Message) throws(ConnectError) -> [UInt8] {
        do {
            switch self {
            case .protobuf: return try message.serializedBytes()
            case .json: return try message.jsonUTF8Bytes()
            }
        } catch {
            throw ConnectError(.internal, "the answer cannot be written: \(error)")
        }
    }
}
