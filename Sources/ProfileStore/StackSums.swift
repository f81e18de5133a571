package import ProfileModel

/// Sums stacks that are in no store into one profile.
package struct StackSums {
    private var merge = StackMerge()

    package init() {}

    /// The number of an equal location, for `add`.
    package mutating func intern(_ location: Location) -> StackTable.LocationID {
        merge.table.intern(location)
    }

    /// Adds to a stack, given leaf first. `period` is the profile's.
    package mutating func add(_ value: Int64, to stack: [StackTable.LocationID], period: Int64) {
        merge.note(period: period)
        merge.add(value, to: merge.table.intern(stack: stack))
    }

    /// The sum; of more than about `limit` stacks only the largest are told apart, the rest is `other`.
    package consuming func finish(
        type: ProfileType, range: TimeRange, limit: Int
    ) -> MergedProfile {
        merge.finish(type: type, range: range, limit: limit)
    }
}
