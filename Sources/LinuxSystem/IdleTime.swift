import Glibc

/// How long each CPU was idle since boot, in nanoseconds, as `/proc/stat` accounts it
/// (`idle` + `iowait`, in ticks of 10 ms on all our machines).
package enum IdleTime {
    package static func current() throws(SystemCallError) -> [UInt32: UInt64] {
        let text = try OwnedDescriptor.contents(of: "/proc/stat", limit: 1 << 22)
        let tick = 1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return parse(String(decoding: text, as: UTF8.self), tick: tick)
    }

    /// `cpuN user nice system idle iowait …` (proc(5)); other lines are skipped.
    package static func parse(_ text: String, tick: UInt64) -> [UInt32: UInt64] {
        var idle: [UInt32: UInt64] = [:]
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("cpu") {
            let fields = line.dropFirst(3).split { $0 == " " }
            guard line.dropFirst(3).first?.isNumber == true, fields.count > 5,
                let cpu = UInt32(fields[0]), let ticks = UInt64(fields[4]),
                let waiting = UInt64(fields[5])
            else { continue }
            idle[cpu] = (ticks &+ waiting) &* tick
        }
        return idle
    }
}
