package import ProfileStore

/// A query that was not answered: whose fault, which parameter, and what to do.
package struct QueryError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The asker's fault: HTTP 400.
        case invalid
        /// Asks for more than a limit allows: HTTP 400 too.
        case tooMuch
        /// The asker went away: HTTP 499.
        case cancelled
        /// The store is closing or cannot be read now: HTTP 503.
        case unavailable
        /// Anything else: HTTP 500.
        case failed
    }

    package let code: Code
    /// Which parameter is at fault, as HTTP names it: `query`, `from`, `until`…; nil when none is.
    package let parameter: String?
    /// One sentence.
    package let message: String

    package init(_ code: Code, _ message: String, parameter: String? = nil) {
        self.code = code
        self.parameter = parameter
        self.message = message
    }

    /// What a store's error means to the one who asked.
    package init(_ error: StoreError) {
        switch error.code {
        case .badMatcher: self.init(.invalid, error.message, parameter: "query")
        case .cancelled: self.init(.cancelled, error.message)
        case .closed, .busy, .full: self.init(.unavailable, error.message)
        case .directory, .corrupt, .version, .database, .unstorable:
            self.init(.failed, error.message)
        }
    }
}

extension QueryError: CustomStringConvertible {
    package var description: String { parameter.map { "\($0): \(message)" } ?? message }
}
