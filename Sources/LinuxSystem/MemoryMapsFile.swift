package import ProfileModel

/// The mappings of a process as `/proc/PID/maps` lists them, in address order (`proc_pid_maps(5)`).
///
///     7f1c2a000000-7f1c2a028000 r-xp 00001000 fe:01 12345      /usr/lib/libc.so.6
///     start        end          perm offset   device inode     path, or [name], or nothing
package struct MemoryMapsFile: Hashable, Sendable {
    /// One line.
    package struct Entry: Hashable, Sendable {
        package let start: ProcessAddress
        /// One past the last byte.
        package let end: ProcessAddress
        package let isExecutable: Bool
        package let isWritable: Bool
        package let fileOffset: FileOffset
        /// Nil when no file is behind the mapping.
        package let file: FileIdentity?
        /// As the kernel prints it, ` (deleted)` included; empty for anonymous memory.
        package let path: String
    }

    package let entries: [Entry]

    /// Parses the file's bytes; lines that make no sense are skipped, for the kernel writes none.
    package init(_ bytes: [UInt8], executableOnly: Bool = false) {
        entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            Self.entry($0, executableOnly: executableOnly)
        }
    }

    private static func entry(_ line: ArraySlice<UInt8>, executableOnly: Bool) -> Entry? {
        var rest = line
        guard let start = hexadecimal(&rest, until: "-"), let end = hexadecimal(&rest, until: " "),
            start < end
        else { return nil }
        let permissions = rest.prefix(4)
        guard permissions.count == 4 else { return nil }
        let isExecutable = permissions.contains(UInt8(ascii: "x"))
        guard isExecutable || !executableOnly else { return nil }
        rest = rest.dropFirst(5)
        guard let offset = hexadecimal(&rest, until: " "),
            let major = hexadecimal(&rest, until: ":"), let minor = hexadecimal(&rest, until: " "),
            let inode = decimal(&rest)
        else { return nil }
        return Entry(
            start: ProcessAddress(start), end: ProcessAddress(end), isExecutable: isExecutable,
            isWritable: permissions.contains(UInt8(ascii: "w")), fileOffset: FileOffset(offset),
            file: inode == 0 ? nil : FileIdentity(major: major, minor: minor, inode: inode),
            path: path(rest.drop { $0 == UInt8(ascii: " ") }))
    }

    private static func hexadecimal(
        _ text: inout ArraySlice<UInt8>, until terminator: Unicode.Scalar
    ) -> UInt64? {
        number(&text, radix: 16, terminator: UInt8(ascii: terminator))
    }

    private static func decimal(_ text: inout ArraySlice<UInt8>) -> UInt64? {
        number(&text, radix: 10, terminator: UInt8(ascii: " "))
    }

    /// Takes digits and the terminator after them; the end of the text terminates too.
    private static func number(
        _ text: inout ArraySlice<UInt8>, radix: UInt64, terminator: UInt8
    ) -> UInt64? {
        let digits = text.prefix { $0 != terminator }
        guard (1...20).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else {
                return nil
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        text = text.dropFirst(digits.count + 1)
        return value
    }

    /// The kernel writes a line feed in a path as `\012`, and escapes nothing else.
    private static func path(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(UInt8(ascii: "\\")) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        let escape = Array("\\012".utf8)
        var plain: [UInt8] = []
        var rest = bytes
        while let byte = rest.first {
            if rest.starts(with: escape) {
                plain.append(UInt8(ascii: "\n"))
                rest = rest.dropFirst(escape.count)
            } else {
                plain.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}

extension FileIdentity {
    /// Puts a device's two numbers together as glibc's `makedev` does: 12 bits of major and 8 of
    /// minor in the old places, the rest above them.
    package init(major: UInt64, minor: UInt64, inode: UInt64) {
        let device =
            (major & 0xffff_f000) << 32 | (major & 0xfff) << 8
            | (minor & 0xffff_ff00) << 12 | (minor & 0xff)
        self.init(device: device, inode: inode)
    }
}
