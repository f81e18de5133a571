import Pprof
import ProfileModel
import PyroscopeAPI
import SwiftProtobuf

/// What a call answers, not yet written down.
protocol ConnectReply: Sendable {
    func encoded(by codec: ConnectCodec) throws -> [UInt8]
}

/// A generated message.
struct MessageReply<Output: Message>: ConnectReply {
    let message: Output

    func encoded(by codec: ConnectCodec) throws -> [UInt8] { try codec.encode(message) }
}

/// A pprof, which `Pprof` writes many times faster than generated code; only JSON takes that way.
struct PprofReply: ConnectReply {
    let profile: MergedProfile

    func encoded(by codec: ConnectCodec) throws -> [UInt8] {
        let bytes = PprofEncoder.message(profile)
        switch codec {
        case .protobuf: return bytes
        case .json: return try codec.encode(try Google_V1_Profile(serializedBytes: bytes))
        }
    }
}
