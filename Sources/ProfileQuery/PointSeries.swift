package import ProfileModel

/// Values at points of time, and which series they sum.
package struct PointSeries: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        /// The right edge of its step.
        package let time: Timestamp
        /// In the profile type's unit.
        package let value: Double

        package init(time: Timestamp, value: Double) {
            self.time = time
            self.value = value
        }
    }

    /// Of the labels asked for, those the series have.
    package let labels: LabelSet
    /// In order of time; steps without data are left out.
    package let points: [Point]

    package init(labels: LabelSet, points: [Point]) {
        self.labels = labels
        self.points = points
    }

    /// The sum of all points.
    var total: Double { points.reduce(0) { $0 + $1.value } }
}

/// How the windows of one step become one value.
package enum PointAggregation: Hashable, Sendable {
    case sum
    /// The sum divided by the number of windows.
    case average
}
