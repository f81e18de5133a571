import Glibc
import ProfileModel
import Testing

/// A program that a test started. The test waits for it, or it is killed at the end.
final class ChildProcess {
    let pid: pid_t
    private let output: Int32
    private var isReaped = false

    /// Starts a program; what it writes to its standard output is for `readLine`.
    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words = arguments.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, arguments[0], &actions, nil, &words, environ)
        close(ends[1])
        output = ends[0]
        try #require(result == 0, "\(arguments[0]) does not start: errno \(result)")
        self.pid = pid
    }

    deinit {
        if !isReaped {
            kill(pid, SIGKILL)
            wait()
        }
        close(output)
    }

    var tgid: UInt32 { UInt32(pid) }

    /// Blocks until the program has written a whole line; nil at the end of its output.
    func readLine() -> String? {
        var text: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: text, as: UTF8.self) }
            text.append(byte)
        }
        return nil
    }

    /// Blocks until it has ended; its exit status.
    @discardableResult
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        isReaped = true
        return status >> 8
    }
}

/// A program made from C for one test, with a build ID, removed with this value.
struct CompiledProgram: ~Copyable {
    let path: String

    init(_ source: String, name: String, flags: [String] = []) throws {
        path = "/tmp/hearth-\(name)-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let text = path + ".c"
        let file = try #require(fopen(text, "w"))
        fputs(source, file)
        fclose(file)
        let compiler = try ChildProcess(
            ["cc", "-O1", "-Wl,--build-id", "-o", path, text] + flags)
        let status = compiler.wait()
        unlink(text)
        try #require(status == 0, "cc fails")
    }

    deinit { unlink(path) }
}

/// Device and inode as `stat(2)` tells them.
func fileIdentity(_ path: String) -> FileIdentity? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
}
