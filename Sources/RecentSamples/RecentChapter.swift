package import ProfileModel
package import ProfileStore

/// Minutes of samples over one numbering of locations: what is dropped as a whole.
package struct RecentChapter: Sendable {
    /// In order of writing. A part's stacks may name locations that earlier parts brought.
    package let parts: [RecentPart]
    /// On disk and in memory.
    let byteCount: Int

    package var segments: [RecentPart.Segment] { parts.flatMap(\.segments) }
    /// When the first window began.
    package var start: Timestamp { segments.map(\.start).min() ?? Timestamp(milliseconds: 0) }
    /// When the last one ended.
    package var end: Timestamp { segments.map(\.end).max() ?? Timestamp(milliseconds: 0) }
    package var sampleCount: Int { parts.reduce(0) { $0 + $1.sampleCount } }

    // MARK: Names

    /// What locations of these numbers are. One part after the other is read, and only those that brought
    /// something that is wanted. Throws `.corrupt` when one is not there.
    package func locations(
        _ numbers: Set<UInt32>, _ codec: borrowing ZstdCodec
    ) throws(StoreError) -> [UInt32: Location] {
        let rows = try rows(numbers.map { Int($0) }, codec)
        let functions = try find(
            Set(rows.values.flatMap { $0.lines.map(\.function) }), \.functions
        ) { part throws(StoreError) in try part.symbols(codec).functions }
        let images = try find(Set(rows.values.map(\.image)), \.images) {
            part throws(StoreError) in try part.symbols(codec).images
        }
        var locations: [UInt32: Location] = [:]
        for (number, row) in rows {
            guard let image = images[row.image] else { throw Self.missing }
            var lines: [Line] = []
            for line in row.lines {
                guard let function = functions[line.function] else { throw Self.missing }
                lines.append(Line(function: function, number: line.number))
            }
            let location =
                if lines.isEmpty, let address = row.address {
                    Location(
                        unnamed: address, kind: row.kind, module: image.module,
                        buildID: image.buildID)
                } else {
                    Location(
                        named: lines, kind: row.kind, module: image.module, buildID: image.buildID)
                }
            locations[UInt32(number)] = location
        }
        return locations
    }

    private func rows(
        _ numbers: [Int], _ codec: borrowing ZstdCodec
    ) throws(StoreError) -> [Int: LocationRow] {
        try find(Set(numbers), \.locations) { part throws(StoreError) in
            try part.locations(codec)
        }
    }

    /// Entries by number, each from the part that brought it.
    private func find<Entry>(
        _ numbers: Set<Int>, _ news: (ChapterDictionary.News) -> Range<Int>,
        read: (RecentPart) throws(StoreError) -> [Entry]
    ) throws(StoreError) -> [Int: Entry] {
        var found: [Int: Entry] = [:]
        for part in parts {
            let range = news(part.news)
            let wanted = numbers.filter { range.contains($0) }
            guard !wanted.isEmpty else { continue }
            let entries = try read(part)
            guard entries.count == range.count else { throw Self.missing }
            for number in wanted { found[number] = entries[number - range.lowerBound] }
        }
        guard found.count == numbers.count else { throw Self.missing }
        return found
    }

    private static var missing: StoreError {
        StoreError(.corrupt, "recent samples are damaged: they name what is not there")
    }
}
