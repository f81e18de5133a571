import GRDB

extension StoreError {
    /// What a database error means to the one who asked; `path` is the file or directory.
    init(_ error: any Error, at path: String, space: Int64 = .max) {
        if let error = error as? StoreError {
            self = error
            return
        }
        if error is CancellationError {
            self.init(.cancelled, "the query was cancelled")
            return
        }
        if error is RowDecodingError {
            self.init(.corrupt, "\(path) is damaged: a column is not what was written")
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.database, "\(path): \(error)")
            return
        }
        let words = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.full, "no room left in \(path); make room and writing goes on by itself")
        case .SQLITE_IOERR where space < 1 << 20:
            self.init(.full, "no room left in \(path); make room and writing goes on by itself")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(.corrupt, "\(path) is damaged: \(words)")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(
                space < 1 << 20 ? .full : .directory,
                "cannot write to \(path): \(words); check its owner, mode and mount")
        case .SQLITE_INTERRUPT, .SQLITE_ABORT:
            self.init(.cancelled, "the query was cancelled")
        case .SQLITE_MISUSE:
            self.init(.closed, "\(path) was closed")
        default:
            self.init(.database, "\(path): \(words)")
        }
    }
}
