package import ProfileModel

/// How many profiles had which total when.
package struct HeatmapSeries: Hashable, Sendable {
    package struct Slot: Hashable, Sendable {
        /// The right edge of its step, which may lie past the end of the range.
        package let time: Timestamp
        /// Where each band of totals begins, in the profile type's unit; the same in all slots.
        package let yMinimum: [Double]
        /// By band.
        package let counts: [Int32]
    }

    /// Of the labels asked for, those the series have.
    package let labels: LabelSet
    /// In order of time; those without profiles are left out.
    package let slots: [Slot]
}
