import CFuzzer
import Glibc

/// Something that reads bytes of strangers. Conform with `@main`; the arguments are libFuzzer's.
package protocol FuzzTarget {
    /// Reads one input. Fails by trapping: on what the code under test promises never to do, and on
    /// `precondition`s about what it returns.
    static func run(_ input: RawSpan)
}

extension FuzzTarget {
    package static func main() {
        unsafe test = run
        var count = CommandLine.argc
        var arguments = unsafe Optional(CommandLine.unsafeArgv)
        let status = unsafe LLVMFuzzerRunDriver(&count, &arguments) { input, count in
            unsafe test(UnsafeRawBufferPointer(start: input, count: count).bytes)
            return 0
        }
        exit(status)
    }
}

/// A C function has no place for a context. Written once, before there is a second thread.
nonisolated(unsafe) private var test: (RawSpan) -> Void = { _ in }
