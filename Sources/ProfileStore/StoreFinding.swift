/// One thing that is not as it should be in a store.
package struct StoreFinding: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// The file cannot be opened or read, or SQLite finds its pages damaged.
        case file
        /// A blob, a dictionary segment or another row is not what we write.
        case row
        /// Rows do not fit together: totals and windows, activity and windows, series and index.
        case sum
        /// An hour's roll-up that queries use is not its windows' sum.
        case rollUp = "roll-up"
        /// A damaged file that was set aside earlier: not served, and nothing is wrong with the rest.
        case setAside = "set-aside"
        /// Written by a newer Hearth: not looked into.
        case version
    }

    package let kind: Kind
    /// The file's name in the data directory.
    package let file: String
    /// What and where, for an operator.
    package let message: String

    /// Whether queries serve something wrong or less than was acknowledged because of it.
    package var isDamage: Bool { kind != .setAside }

    package var description: String { "\(file): \(kind.rawValue): \(message)" }
}
