import CLibbpf
import Glibc
import Synchronization

/// Keeps what libbpf prints, so that an error can carry it: libbpf explains itself only in print.
enum LibraryLog {
    private static let text = Mutex("")
    /// A verifier log can be megabytes; its end says what went wrong.
    private static let limit = 1 << 16

    /// Runs `body` and returns what libbpf printed meanwhile at level "warn".
    ///
    /// libbpf has one print function per process: calls from several threads at once would mix
    /// their texts, nothing worse.
    static func capture<T>(_ body: () -> T) -> (T, String) {
        text.withLock { $0 = "" }
        _ = unsafe libbpf_set_print { level, format, arguments in
            guard level == LIBBPF_WARN, let format = unsafe format, let arguments = unsafe arguments
            else { return 0 }
            return unsafe LibraryLog.append(format, arguments)
        }
        let result = body()
        return (result, text.withLock { $0 })
    }

    private static func append(
        _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
    ) -> Int32 {
        var line = [CChar](repeating: 0, count: 4096)
        let length = unsafe vsnprintf(&line, line.count, format, arguments)
        let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        text.withLock { text in
            text += String(decoding: bytes, as: UTF8.self)
            if text.utf8.count > limit { text = String(text.suffix(limit / 2)) }
        }
        return length
    }
}
