/// A stack and its value in the profile type's unit.
package struct StackValue: Hashable, Sendable {
    package let stack: StackTable.StackID
    package let value: Int64

    package init(stack: StackTable.StackID, value: Int64) {
        self.stack = stack
        self.value = value
    }
}

/// Samples of one series over one window. Stack ids belong to the batch's table.
package struct Profile: Sendable {
    package let labels: LabelSet
    package let type: ProfileType
    /// When the window began.
    package let start: Timestamp
    package let durationMilliseconds: Int64
    /// The distance of two samples in the type's period unit: nanoseconds of CPU for `cpu`.
    package let period: Int64
    /// Each stack at most once.
    package let values: [StackValue]

    package init(
        labels: LabelSet, type: ProfileType, start: Timestamp, durationMilliseconds: Int64,
        period: Int64, values: [StackValue]
    ) {
        self.labels = labels
        self.type = type
        self.start = start
        self.durationMilliseconds = durationMilliseconds
        self.period = period
        self.values = values
    }
}

/// What is written at once: profiles that share one table.
package struct ProfileBatch: Sendable {
    package var table: StackTable
    package var profiles: [Profile]

    package init(table: StackTable, profiles: [Profile]) {
        self.table = table
        self.profiles = profiles
    }
}

/// The sum of many profiles of one type: what a query, or a recording, answers.
package struct MergedProfile: Sendable {
    package let type: ProfileType
    package let range: TimeRange?
    package let period: Int64
    package let table: StackTable
    /// Each stack at most once, in no order.
    package let values: [StackValue]

    package init(
        type: ProfileType, range: TimeRange?, period: Int64, table: StackTable, values: [StackValue]
    ) {
        self.type = type
        self.range = range
        self.period = period
        self.table = table
        self.values = values
    }

    /// The sum over all stacks; saturates at `Int64.max`.
    package var total: Int64 {
        values.reduce(0) { sum, next in
            let (result, overflow) = sum.addingReportingOverflow(next.value)
            return overflow ? .max : result
        }
    }
}
