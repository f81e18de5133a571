import Glibc

/// How the scheduler prefers the calling thread over others.
package enum ThreadPriority {
    /// Well short of -20: a thread that reads
    /// rings gets its few milliseconds while all CPUs are busy, and starves nobody.
    private static let raised: Int32 = -5

    /// Raises the calling thread, where the process may do so (RLIMIT_NICE or CAP_SYS_NICE); setpriority(2)
    /// on Linux is of the thread.
    package static func raise() {
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, raised)
    }
}
