private import CLinuxShims
import Glibc

/// Waiting for whoever in the kernel may still look at shared memory.
package enum GracePeriod {
    /// Returns once every BPF program that was running has ended; some 10 ms, asleep.
    package static func pass() {
        // CPUs with nohz_full do not offer it. A program runs for microseconds, so a tenth of a second
        // is only too short when a hypervisor took the CPU away for as long.
        if shim_wait_for_cpus() != 0 { usleep(100_000) }
    }
}
