package import LinuxSystem
package import ProfileModel

/// An executable mapping as a perf record or `/proc/PID/maps` tells it, its image not yet interned.
package struct ReportedMapping: Hashable, Sendable {
    package let start: ProcessAddress
    /// One past the last byte; always after `start`.
    package let end: ProcessAddress
    /// Where in the file `start` lies; where no file is behind, `start` itself, so that offsets in
    /// anonymous memory are addresses and neighbours join.
    package let fileOffset: FileOffset
    package let image: MappedImage

    /// Nil when the range is empty. Names the kernel uses for anonymous memory become `//anon`.
    package init?(
        start: ProcessAddress, end: ProcessAddress, fileOffset: FileOffset, image: MappedImage
    ) {
        guard start < end else { return nil }
        self.start = start
        self.end = end
        let path = image.path
        let isAnonymous = path.isEmpty || path == "//anon" || path.hasPrefix("[anon:")
        self.image = isAnonymous ? Self.anonymous : image
        let hasPlace = !isAnonymous && path != "[heap]" && !path.hasPrefix("[stack")
        self.fileOffset = hasPlace ? fileOffset : FileOffset(start.value)
    }

    /// A line of `/proc/PID/maps`; nil for `[vsyscall]`, which lies in the kernel's half, is the same
    /// in all processes, and has no record.
    package init?(_ entry: MemoryMapsFile.Entry) {
        guard entry.path != "[vsyscall]" else { return nil }
        self.init(
            start: entry.start, end: entry.end, fileOffset: entry.fileOffset,
            image: MappedImage(path: entry.path, file: entry.file))
    }

    /// What perf calls memory without a file.
    private static let anonymous = MappedImage(path: "//anon")
}
