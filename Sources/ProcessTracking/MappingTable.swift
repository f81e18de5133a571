package import ProfileModel

/// A range of a process's address space that an image is behind.
package struct Mapping: Hashable, Sendable {
    package let start: ProcessAddress
    /// One past the last byte.
    package let end: ProcessAddress
    /// Where in the image's file `start` lies.
    package let fileOffset: FileOffset
    package let image: ImageTable.ImageID

    package init(
        start: ProcessAddress, end: ProcessAddress, fileOffset: FileOffset,
        image: ImageTable.ImageID
    ) {
        self.start = start
        self.end = end
        self.fileOffset = fileOffset
        self.image = image
    }

    /// file offset = address − start + the mapping's file offset.
    package func fileOffset(of address: ProcessAddress) -> FileOffset {
        FileOffset(address.value &- start.value &+ fileOffset.value)
    }

    /// The part of the mapping within other bounds, which must lie inside it.
    fileprivate func part(from start: ProcessAddress, to end: ProcessAddress) -> Mapping {
        Mapping(start: start, end: end, fileOffset: fileOffset(of: start), image: image)
    }

    /// Whether `next` goes on where this ends, in memory and in the file.
    fileprivate func continues(into next: Mapping) -> Bool {
        end == next.start && image == next.image && fileOffset(of: end) == next.fileOffset
    }
}

/// The executable mappings of one process: sorted, disjoint, neighbours that belong together joined.
///
/// A copy shares its storage until one of the two changes: what a fork costs does not depend on how
/// much is mapped.
package struct MappingTable: Hashable, Sendable {
    package private(set) var mappings: [Mapping] = []

    package init() {}

    package func mapping(containing address: ProcessAddress) -> Mapping? {
        let index = firstIndex { $0.end > address }
        guard index < mappings.count, mappings[index].start <= address else { return nil }
        return mappings[index]
    }

    /// Adds a mapping, as `mmap(2)` with MAP_FIXED does: what lay there before is cut.
    package mutating func insert(_ new: Mapping) {
        guard new.start < new.end else { return }
        // Neighbours that only touch are looked at too: they may be joined.
        let first = firstIndex { $0.end >= new.start }
        let last = firstIndex { $0.start > new.end }
        // Nothing to do is the common case after a fork or a rescan, and must not copy the storage.
        if mappings[first..<last].contains(where: { Self.covers($0, new) }) { return }
        var pieces: [Mapping] = []
        for old in mappings[first..<last] where old.start < new.start {
            Self.append(old.part(from: old.start, to: min(old.end, new.start)), to: &pieces)
        }
        Self.append(new, to: &pieces)
        for old in mappings[first..<last] where old.end > new.end {
            Self.append(old.part(from: max(old.start, new.end), to: old.end), to: &pieces)
        }
        mappings.replaceSubrange(first..<last, with: pieces)
    }

    private static func covers(_ old: Mapping, _ new: Mapping) -> Bool {
        old.start <= new.start && new.end <= old.end && old.image == new.image
            && old.fileOffset(of: new.start) == new.fileOffset
    }

    private static func append(_ mapping: Mapping, to pieces: inout [Mapping]) {
        guard let last = pieces.last, last.continues(into: mapping) else {
            return pieces.append(mapping)
        }
        pieces[pieces.count - 1] = Mapping(
            start: last.start, end: mapping.end, fileOffset: last.fileOffset, image: last.image)
    }

    /// Binary search for the first mapping with a property that all later ones have too.
    private func firstIndex(where isLater: (Mapping) -> Bool) -> Int {
        var low = 0
        var high = mappings.count
        while low < high {
            let middle = low + (high - low) / 2
            if isLater(mappings[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
