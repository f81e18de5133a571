/// A store that could not do what was asked: what, where, and what to do now.
package struct StoreError: Error, Sendable {
    package enum Code: Hashable, Sendable {
        /// The directory cannot be made, read or written.
        case directory
        /// No room, or less than the floor that is kept free.
        case full
        /// Another process has this store open.
        case busy
        /// A file is not what we wrote.
        case corrupt
        /// A newer version of Hearth wrote this store.
        case version
        /// A selector's regular expression does not parse.
        case badMatcher
        case closed
        /// The task that asked was cancelled.
        case cancelled
        /// What was to be written cannot be kept: a time outside 1970 to 2106 or before what retention
        /// keeps, or numbers that do not fit together.
        case unstorable
        /// The database said something else; `message` has its words.
        case database
    }

    package let code: Code
    /// One sentence for an operator.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String { message }
}
