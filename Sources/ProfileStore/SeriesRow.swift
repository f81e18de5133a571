import ByteReading
import ProfileModel

/// A series as partition files carry it, so that a file says by itself what it holds.
///
///     service number; profile type id; labels; per label name, value (all counted bytes)
enum SeriesRow {
    static func encode(_ series: SeriesIndex.Series) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendVarint(UInt64(series.service))
        bytes.appendCounted(series.key.type.id.utf8)
        bytes.appendVarint(series.key.labels.labels.count)
        for label in series.key.labels.labels {
            bytes.appendCounted(label.name.utf8)
            bytes.appendCounted(label.value.utf8)
        }
        return bytes
    }

    /// Nil when the row is damaged.
    static func decode(id: Int64, _ bytes: RawSpan) -> SeriesIndex.Series? {
        var reader = ByteReader(bytes)
        guard let id = UInt32(exactly: id), let service = try? reader.readUInt32(),
            let type = try? reader.readCounted(), let count = try? reader.readCount(),
            let known = ProfileType(id: String(decoding: type, as: UTF8.self))
        else { return nil }
        var labels: [Label] = []
        for _ in 0..<count {
            guard let name = try? reader.readCounted(), let value = try? reader.readCounted() else {
                return nil
            }
            labels.append(
                Label(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
            )
        }
        return SeriesIndex.Series(
            id: id, service: service, key: SeriesKey(labels: LabelSet(labels), type: known))
    }
}
