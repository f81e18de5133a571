import Glibc
import LinuxSystem

/// The file a command writes its result to: opened at once, so that a name that cannot be written is
/// told before the work, and emptied only when there is something to fill it with.
struct OutputFile: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let path: String

    init(path: String) throws(CommandError) {
        self.path = path
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw Self.failure(path) }
        descriptor = OwnedDescriptor(owning: number)
    }

    func write(_ bytes: [UInt8]) throws(CommandError) {
        // A pipe or a terminal has no length.
        guard ftruncate(descriptor.number, 0) == 0 || errno == EINVAL else {
            throw Self.failure(path)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor.number, $0.baseAddress, $0.count)
            }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw Self.failure(path)
            }
        }
    }

    private static func failure(_ path: String) -> CommandError {
        CommandError("cannot write \(path): \(unsafe String(cString: strerror(errno)))")
    }
}
