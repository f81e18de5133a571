import Glibc

/// A command that a recording starts and waits for.
struct ChildCommand: Sendable {
    let pid: pid_t

    /// Starts it, found in `PATH`, with our standard streams.
    init(_ words: [String]) throws(CommandError) {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // We keep Ctrl-C from ending us; the command must not inherit that.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGINT)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        // Threads of the pool block nearly every signal, and that would be inherited, too.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { for argument in unsafe arguments { unsafe free(argument) } }
        var pid: pid_t = 0
        let result = unsafe posix_spawnp(
            &pid, words[0], nil, &attributes, &arguments, environ)
        guard result == 0 else {
            throw CommandError(
                "cannot start \(words[0]): \(unsafe String(cString: strerror(result)))")
        }
        self.pid = pid
    }

    /// Its exit code, or 128 + the signal that ended it, as shells say; nil when it still ran and
    /// had to be ended (SIGTERM).
    func end() -> Int32? {
        var status: Int32 = 0
        if unsafe waitpid(pid, &status, WNOHANG) == pid {
            let signal = status & 0x7f
            return signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
        kill(pid, SIGTERM)
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return nil
    }
}

/// Something a command could not do: one sentence.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
