/// What a node is, does and costs, as `/api/v1/status` shows it. Names carry their units.
package struct StatusReport: Encodable, Sendable {
    package var version: String
    /// The value of the `host` label.
    package var host: String
    /// `uname -r`.
    package var kernel: String
    package var architecture: String
    /// Unix time in milliseconds.
    package var startedAt: Int64
    package var uptimeSeconds: Double
    /// Where the page answers: `http://127.0.0.1:4041/`.
    package var page: String
    package var sampling: Sampling
    package var ledger: Ledger
    /// One per loaded program.
    package var bpf: [Program]
    package var memory: Memory
    package var processes: Processes
    package var unwinding: Unwinding
    package var store: Store
    /// The ring of single samples; nil when none are kept.
    package var recent: Recent?

    package init(
        version: String, host: String, kernel: String, architecture: String, startedAt: Int64,
        uptimeSeconds: Double, page: String, sampling: Sampling, ledger: Ledger, bpf: [Program],
        memory: Memory, processes: Processes, unwinding: Unwinding, store: Store,
        recent: Recent? = nil
    ) {
        self.version = version
        self.host = host
        self.kernel = kernel
        self.architecture = architecture
        self.startedAt = startedAt
        self.uptimeSeconds = uptimeSeconds
        self.page = page
        self.sampling = sampling
        self.ledger = ledger
        self.bpf = bpf
        self.memory = memory
        self.processes = processes
        self.unwinding = unwinding
        self.store = store
        self.recent = recent
    }
}

extension StatusReport {
    package struct Sampling: Encodable, Hashable, Sendable {
        package var frequencyHertz: Int
        package var windowSeconds: Int
        package var onlineCpus: Int

        package init(frequencyHertz: Int, windowSeconds: Int, onlineCpus: Int) {
            self.frequencyHertz = frequencyHertz
            self.windowSeconds = windowSeconds
            self.onlineCpus = onlineCpus
        }
    }

    /// *fired* = *delivered* + Σ *lost*; *delivered* = *stored* + Σ *dropped* + *pending*.
    package struct Ledger: Encodable, Hashable, Sendable {
        package var fired: UInt64
        package var delivered: UInt64
        package var lost: [TalliedReason]
        /// fired − delivered − Σ lost: 0 but for ticks under way.
        package var unaccounted: Int64
        /// Wrong inside samples that were delivered all the same.
        package var impaired: [TalliedReason]
        /// Ticks that never reached the program, idle time taken out.
        package var missedEstimate: UInt64
        package var stored: UInt64
        package var dropped: [TalliedReason]
        /// Delivered, in a window that is not closed yet.
        package var pending: UInt64

        package init(
            fired: UInt64, delivered: UInt64, lost: [TalliedReason], unaccounted: Int64,
            impaired: [TalliedReason], missedEstimate: UInt64, stored: UInt64,
            dropped: [TalliedReason], pending: UInt64
        ) {
            self.fired = fired
            self.delivered = delivered
            self.lost = lost
            self.unaccounted = unaccounted
            self.impaired = impaired
            self.missedEstimate = missedEstimate
            self.stored = stored
            self.dropped = dropped
            self.pending = pending
        }
    }

    /// What the kernel counted for one BPF program. Nanoseconds need `kernel.bpf_stats_enabled`.
    package struct Program: Encodable, Hashable, Sendable {
        package var name: String
        package var runCount: UInt64
        /// Nil while the kernel does not measure.
        package var runNanoseconds: UInt64?

        package init(name: String, runCount: UInt64, runNanoseconds: UInt64?) {
            self.name = name
            self.runCount = runCount
            self.runNanoseconds = runNanoseconds
        }
    }

    package struct Memory: Encodable, Hashable, Sendable {
        package var residentBytes: Int64
        package var anonymousBytes: Int64
        /// BPF maps and rings.
        package var kernelBytes: Int64?
        /// Anonymous and kernel memory of the agent's cgroup; nil when it has none of its own.
        package var cgroupBytes: Int64?
        /// `memory-budget`: what anonymous and kernel memory stay below.
        package var budgetBytes: Int64

        package init(
            residentBytes: Int64, anonymousBytes: Int64, kernelBytes: Int64?, cgroupBytes: Int64?,
            budgetBytes: Int64
        ) {
            self.residentBytes = residentBytes
            self.anonymousBytes = anonymousBytes
            self.kernelBytes = kernelBytes
            self.cgroupBytes = cgroupBytes
            self.budgetBytes = budgetBytes
        }
    }

    package struct Processes: Encodable, Hashable, Sendable {
        package var known: Int
        package var sampled: Int

        package init(known: Int, sampled: Int) {
            self.known = known
            self.sampled = sampled
        }
    }

    /// What unwinding has in memory, and what became of images and stacks.
    package struct Unwinding: Encodable, Hashable, Sendable {
        /// Processes BPF can unwind by itself now.
        package var knownProcesses: Int
        /// Unwind tables in memory.
        package var tables: Int
        package var tableBytes: Int
        /// The memory BPF reads tables and mappings from, and what it may become.
        package var arenaBytes: Int
        package var arenaLimitBytes: Int
        package var tablesLoaded: UInt64
        package var tablesEvicted: UInt64
        /// Spent reading files and building tables.
        package var loadSeconds: Double
        /// Images without a table, by reason.
        package var imagesWithout: [TalliedReason]
        /// Stacks that BPF sent as copies, unwound in user space.
        package var stacksFromCopies: UInt64

        package init(
            knownProcesses: Int, tables: Int, tableBytes: Int, arenaBytes: Int,
            arenaLimitBytes: Int, tablesLoaded: UInt64, tablesEvicted: UInt64,
            loadSeconds: Double, imagesWithout: [TalliedReason], stacksFromCopies: UInt64
        ) {
            self.knownProcesses = knownProcesses
            self.tables = tables
            self.tableBytes = tableBytes
            self.arenaBytes = arenaBytes
            self.arenaLimitBytes = arenaLimitBytes
            self.tablesLoaded = tablesLoaded
            self.tablesEvicted = tablesEvicted
            self.loadSeconds = loadSeconds
            self.imagesWithout = imagesWithout
            self.stacksFromCopies = stacksFromCopies
        }
    }

    /// Single samples held, and why others are not.
    package struct Recent: Encodable, Hashable, Sendable {
        package var samples: Int
        /// On disk and in memory.
        package var bytes: Int
        package var memoryBytes: Int
        /// Unix time in milliseconds; nil while nothing is held.
        package var oldest: Int64?
        package var newest: Int64?
        package var dropped: [TalliedReason]

        package init(
            samples: Int, bytes: Int, memoryBytes: Int, oldest: Int64?, newest: Int64?,
            dropped: [TalliedReason]
        ) {
            self.samples = samples
            self.bytes = bytes
            self.memoryBytes = memoryBytes
            self.oldest = oldest
            self.newest = newest
            self.dropped = dropped
        }
    }

    package struct Store: Encodable, Hashable, Sendable {
        package var directory: String
        /// Nil when writing works.
        package var problem: String?
        package var series: Int
        package var partitions: Int
        package var bytesOnDisk: Int64
        package var pairsWritten: Int64
        /// Unix time in milliseconds.
        package var oldest: Int64?
        package var newest: Int64?

        package init(
            directory: String, problem: String?, series: Int, partitions: Int, bytesOnDisk: Int64,
            pairsWritten: Int64, oldest: Int64?, newest: Int64?
        ) {
            self.directory = directory
            self.problem = problem
            self.series = series
            self.partitions = partitions
            self.bytesOnDisk = bytesOnDisk
            self.pairsWritten = pairsWritten
            self.oldest = oldest
            self.newest = newest
        }
    }
}
