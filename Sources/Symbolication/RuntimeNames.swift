package import LinuxSystem
package import ProfileModel

/// Names of the code that the runtimes in one process made while they ran: what they write into
/// `/tmp/perf-PID.map`, and into a jitdump, as the process itself sees these files.
///
/// A name is as good as what the runtime wrote last. Node writes each piece of code when it makes it;
/// Java writes what there is when it is asked.
package struct RuntimeNames: Sendable {
    private let process: ProcessFiles
    private var map = GrowingFile<PerfMap>()
    private var dump = GrowingFile<JITDump>()
    private var dumpPath: String?
    private var isOurDump = false
    private var pause = RereadPause()
    /// Why the perf map tells nothing new, as of the last look.
    package private(set) var mapProblem: RuntimeNamesProblem?
    /// Why the jitdump tells nothing new, as of the last look; nil without one.
    package private(set) var dumpProblem: RuntimeNamesProblem?
    /// Times that files were looked at.
    package private(set) var looks: UInt64 = 0

    /// What is read at once; files that grow further are read on.
    private static let largest: UInt64 = 256 << 20
    /// The clock of files may be behind by a tick, and the one of processes is exact to 10 ms.
    private static let clockSlack: UInt64 = 2_000_000_000

    package init(process: ProcessFiles) { self.process = process }

    /// What the names take in memory, about.
    package var byteCount: Int { map.contents.code.byteCount + dump.contents.code.byteCount }

    /// Whether a mapped file is a jitdump, by its name: `jit-PID.dump`.
    package static func isDump(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        guard name.hasPrefix("jit-"), name.hasSuffix(".dump") else { return false }
        let number = name.dropFirst(4).dropLast(5)
        return !number.isEmpty && number.utf8.allSatisfy { 0x30...0x39 ~= $0 }
    }

    /// Reads a jitdump too, from the next look on. Runtimes map it, which tells where it is.
    ///
    /// - Parameter path: as the process sees it.
    package mutating func follow(dump path: String) {
        guard path != dumpPath else { return }
        dumpPath = path
        dump = GrowingFile()
        isOurDump = false
        pause = RereadPause()
    }

    /// The line of the code at an address; nil when no runtime told any.
    ///
    /// Looks at the files now and then, whether the address has a name or not: the code there may be
    /// another by now.
    ///
    /// - Parameter now: CLOCK_MONOTONIC.
    package mutating func line(at address: ProcessAddress, now: UInt64) -> Line? {
        if pause.isOver(at: now) {
            let began = Clock.monotonic
            let hasNews = look()
            pause.begin(at: now, afterNews: hasNews, cost: Clock.monotonic &- began)
        }
        return (isOurDump ? dump.contents.line(at: address) : nil) ?? map.contents.line(at: address)
    }

    /// Reads what was added to the files, and returns whether anything was.
    private mutating func look() -> Bool {
        looks += 1
        guard let status = try? process.statusFile(), let started = try? process.startTime() else {
            mapProblem = .gone
            return false
        }
        var hasNews = false
        do throws(RuntimeNamesProblem) {
            hasNews = try readMap(status, started: started)
            mapProblem = nil
        } catch {
            mapProblem = error
        }
        do throws(RuntimeNamesProblem) {
            if let dumpPath, try readDump(dumpPath, status) { hasNews = true }
            dumpProblem = nil
        } catch {
            dumpProblem = error
        }
        return hasNews
    }

    private mutating func readMap(
        _ status: ProcessStatusFile, started: UInt64
    ) throws(RuntimeNamesProblem) -> Bool {
        let path = "/tmp/perf-\(status.ownNumber).map"
        let file = try RuntimeFile(path, of: process, user: status.effectiveUser)
        // Numbers come again, in containers soon: theirs begin at 1.
        guard started < Self.clockSlack || file.changed >= started - Self.clockSlack else {
            throw .tooOld
        }
        return try map.update(from: file.descriptor, file.status, limit: Self.largest)
    }

    private mutating func readDump(
        _ path: String, _ status: ProcessStatusFile
    ) throws(RuntimeNamesProblem) -> Bool {
        let file = try RuntimeFile(path, of: process, user: status.effectiveUser)
        let hasNews = try dump.update(from: file.descriptor, file.status, limit: Self.largest)
        isOurDump = dump.contents.header?.process == status.ownNumber
        // Without a header, nothing was written yet. What is before damage is good.
        guard dump.contents.problem == nil, isOurDump || dump.contents.header == nil else {
            throw .malformed
        }
        return hasNews
    }
}
