import Foundation

/// The terminal as `hearth top` uses it: its second screen, keys without Return, put back at the end.
struct RawTerminal {
    enum Key { case up, down, all, quit, other }

    private let before: termios

    /// Throws when standard input is no terminal.
    init() throws {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw CommandError("the terminal cannot be set up: \(String(cString: strerror(errno)))")
        }
        before = settings
        // Ctrl-C is read as a key, so that the screen is always put back.
        settings.c_lflag &= ~UInt32(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        write("\u{1b}[?1049h\u{1b}[?25l")
    }

    func restore() {
        var settings = before
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        write("\u{1b}[?25h\u{1b}[?1049l")
    }

    var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else {
            return (24, 80)
        }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    /// Replaces what is on the screen.
    func show(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        write("\u{1b}[H" + lines.map { "\($0)\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J")
    }

    /// The next key; nil when none came in time.
    func key(waiting seconds: Double) -> Key? {
        var poll = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard Foundation.poll(&poll, 1, Int32(max(0, seconds) * 1000)) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 8)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        // A closed terminal reads as its end.
        guard count > 0 else { return .quit }
        switch Array(bytes[..<count]) {
        case [0x1b, 0x5b, 0x41], [UInt8(ascii: "k")]: return .up
        case [0x1b, 0x5b, 0x42], [UInt8(ascii: "j")]: return .down
        case [UInt8(ascii: " ")]: return .all
        case [UInt8(ascii: "q")], [3], [4]: return .quit
        default: return .other
        }
    }

    private func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}
