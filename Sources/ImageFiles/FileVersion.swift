package import ProfileModel

/// A file at one state of its content: an inode number is given again, a path anyway.
package struct FileVersion: Hashable, Sendable {
    package let identity: FileIdentity
    package let byteCount: UInt64
    /// stat(2), st_ctim: nanoseconds since 1970.
    package let changed: UInt64
}
