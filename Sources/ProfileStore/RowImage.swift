import ByteReading

/// A row of a partition file as it shall be, whatever was there before.
///
/// So applying images twice is the same as once: a batch that spans partitions is kept as images in
/// `meta.db` until every file has its own, and a crash between two files loses or doubles nothing.
struct RowImage: Sendable, Equatable {
    enum Table: UInt8, Sendable {
        /// `p(k, n, b)`: series << 32 | second, the total, a `ProfileBlob`.
        case profiles = 1
        /// `total(k, b)`: series << 32 | hour since 1970, `HourTotals`; in an hourly file the file's
        /// first hour, and hours stand in the place of seconds.
        case totals = 2
        /// `dict(k, b)`: service << 32 | segment, a dictionary segment.
        case dictionary = 3
        /// `series(k, n, b)`: the series' number, a bit per unit of time with data
        /// (`PartitionLevel.activityUnit`), a `SeriesRow`.
        case series = 4
        /// `hour(k, n)`: an hour since 1970 and the name of its roll-up, which raw and hourly file
        /// must agree on. Has no bytes: an empty array keeps the row.
        case hour = 5
    }

    let table: Table
    let key: Int64
    /// The `n` column, where the table has one.
    var number: Int64 = 0
    /// Nil removes the row.
    let bytes: [UInt8]?

    static func encode(_ images: [RowImage]) -> [UInt8] {
        var bytes: [UInt8] = []
        for image in images {
            bytes.append(image.table.rawValue)
            bytes.append(image.bytes == nil ? 0 : 1)
            bytes.appendSigned(image.key)
            bytes.appendSigned(image.number)
            bytes.appendCounted(image.bytes ?? [])
        }
        return bytes
    }

    static func decode(_ bytes: RawSpan) throws(StoreError) -> [RowImage] {
        var images: [RowImage] = []
        var reader = ByteReader(bytes)
        do {
            while !reader.isAtEnd {
                guard let table = Table(rawValue: try reader.read(UInt8.self)) else {
                    throw ReadError(.endOfBytes, at: reader.offset)
                }
                let isKept = try reader.read(UInt8.self) != 0
                let key = try reader.readSigned()
                let number = try reader.readSigned()
                let content = try reader.readCounted()
                images.append(
                    RowImage(
                        table: table, key: key, number: number, bytes: isKept ? content : nil))
            }
        } catch {
            throw StoreError(.corrupt, "an unfinished write in meta.db is damaged: \(error)")
        }
        return images
    }
}
