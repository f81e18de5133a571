import ProfileModel
import ProfileStore
import Testing

@testable import RecentSamples

@Suite struct PackingTests {
    private func columns(_ rows: [(offset: UInt32, cpu: UInt32)]) -> SampleColumns {
        var columns = SampleColumns()
        for (index, row) in rows.enumerated() {
            columns.append(
                offset: row.offset, cpu: row.cpu, thread: UInt32(index % 7),
                stack: UInt32(index % 5) * 1000)
        }
        return columns
    }

    @Test(
        arguments: [
            [], [(0, 0)], [(3_599_999_999, 4095)], [(0, 0), (0, 0), (0, 1)],
            [(5, 0), (10_314, 0), (10_313 * 40, 0), (1, 3), (2, 3)],
            (0..<3000).map { (UInt32($0) * 10_309 % 9_999_999, UInt32($0 / 970)) },
        ] as [[(offset: UInt32, cpu: UInt32)]])
    func `samples come back as they were`(_ rows: [(offset: UInt32, cpu: UInt32)]) throws {
        let codec = ZstdCodec()
        let columns = columns(rows.sorted { ($0.cpu, $0.offset) < ($1.cpu, $1.offset) })
        for period in [1, 1003, 10_309, 1_000_000] as [Int64] {
            let bytes = columns.packed(period: period, codec: codec)
            let back = try SampleColumns(packed: bytes, period: period, codec: codec)
            #expect(back == columns)
        }
    }

    @Test func `damaged samples are an error, whatever is wrong with them`() throws {
        let codec = ZstdCodec()
        var random = SystemRandomNumberGenerator()
        for count in [20, 400] {
            let rows = (0..<count).map { (offset: UInt32($0) * 5000, cpu: UInt32(0)) }
            let bytes = columns(rows).packed(period: 10_309, codec: codec)
            for length in 0..<bytes.count {
                let cut = Array(bytes[..<length])
                #expect(throws: StoreError.self) {
                    _ = try SampleColumns(packed: cut, period: 10_309, codec: codec)
                }
            }
            for _ in 0..<2000 {
                var other = bytes
                other[Int.random(in: 0..<other.count, using: &random)] = UInt8.random(in: 0...255)
                // Any answer but a trap.
                _ = try? SampleColumns(packed: other, period: 10_309, codec: codec)
            }
        }
    }

    @Test func `threads and their labels come back as they were`() throws {
        let codec = ZstdCodec()
        var table = ThreadTable()
        for index in UInt32(0)..<500 {
            let labels = LabelSet([
                Label("service_name", "s\(index % 9)"), Label("comm", "ü\(index % 4)"),
            ])
            let series = table.intern(labels)
            _ = table.intern(
                ThreadTable.Thread(pid: index / 3, tid: 4_000_000 - index, series: series))
        }
        let bytes = table.packed(codec)
        let back = try ThreadTable(packed: bytes, codec: codec)
        #expect(back.series == table.series)
        #expect(back.threads == table.threads)
        for length in 0..<bytes.count {
            let cut = Array(bytes[..<length])
            #expect(throws: StoreError.self) {
                _ = try ThreadTable(packed: cut, codec: codec)
            }
        }
    }
}
