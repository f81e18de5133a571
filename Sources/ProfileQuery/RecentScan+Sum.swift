import ProfileModel
import ProfileStore
import RecentSamples

extension RecentScan {
    /// A stack that was found, by the chapter's location numbers, leaf first.
    private struct Found {
        let locations: [UInt32]
        let value: Int64
        let period: Int64
    }

    /// Adds what matches of a chapter.
    func sum(_ chapter: RecentChapter, into sums: inout StackSums) throws(QueryError) {
        var found: [Found] = []
        for part in chapter.parts where covers(part) { try find(part, &found) }
        let locations = try read { () throws(StoreError) in
            try chapter.locations(Set(found.flatMap(\.locations)), codec)
        }
        let ids = locations.mapValues { sums.intern($0) }
        for stack in found {
            sums.add(
                stack.value, to: stack.locations.compactMap { ids[$0] }, period: stack.period)
        }
    }

    private func find(_ part: RecentPart, _ found: inout [Found]) throws(QueryError) {
        let threads = try read { () throws(StoreError) in try part.threads(codec) }
        var values: [Int: Int64] = [:]
        var period: Int64 = 0
        try run(part, threads) { match in
            values[match.stack, default: 0] += match.value
            period = match.value
        }
        guard let last = values.keys.max() else { return }
        let stacks = try read { () throws(StoreError) in try part.stacks(codec) }
        guard last < stacks.count else { throw damaged }
        for (stack, value) in values {
            found.append(
                Found(locations: stacks.locations(of: stack), value: value, period: period))
        }
    }

    private var damaged: QueryError {
        QueryError(.failed, "recent samples are damaged: they name stacks that are not there")
    }
}
