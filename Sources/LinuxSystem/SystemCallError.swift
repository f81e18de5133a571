import Glibc

/// A system call that failed: which, on what, and the kernel's reason.
package struct SystemCallError: Error, Hashable, Sendable {
    /// `open`, `mmap`, … as in the manual's section 2.
    package let call: String
    /// A path, or what the call was about; empty when nothing adds to the call's name.
    package let subject: String
    package let errno: Int32

    package init(_ call: String, _ subject: String = "", errno: Int32) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// Takes the calling thread's `errno`: make it before any other call.
    package static func last(_ call: String, _ subject: String = "") -> SystemCallError {
        SystemCallError(call, subject, errno: Glibc.errno)
    }
}

extension SystemCallError: CustomStringConvertible {
    package var description: String {
        let reason = unsafe String(cString: strerror(errno))
        return subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }
}
