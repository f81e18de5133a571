/// A function of a Go line table.
struct GoFunction {
    /// Image addresses: from its entry to the next function's.
    let start: UInt64
    let end: UInt64
    /// Offset of its stack pointer deltas in the line table; nil: it has none.
    let deltas: UInt64?
    let role: Role

    /// Go's own limit of a stack is 1 GB.
    static let maximumDelta: Int32 = 1 << 30

    var range: (start: UInt64, end: UInt64) { (start, end) }

    /// The part before an address. Deltas are read only so far, which bounds the time: functions may
    /// share theirs, and claim to be as long as address space.
    func ending(by limit: UInt64) -> GoFunction {
        GoFunction(start: start, end: min(end, limit), deltas: deltas, role: role)
    }

    /// How a function is left where its stack pointer deltas do not tell.
    enum Role: Equatable {
        case ordinary
        /// Nothing that is still there called it: program and thread entries, the bottom of a
        /// goroutine, and the ways into the scheduler. `mcall` and `morestack` leave the goroutine
        /// behind, which may run elsewhere by now; Go's own profiles end there too.
        case outermost
        /// Works on another stack for a while, and goes on with its own then: the frame pointer stays
        /// on its own, and leads there. These are the system stack (`systemstack`), Go functions that
        /// C calls (`cgocallback`) and the vDSO's clock (`nanotime1`, `walltime`, `time.now`).
        case switchesStack
        /// Runs a C function, on another stack if need be: see `GoCallToC`.
        case asmcgocall
        /// Ordinary, but what `asmcgocall` is left by.
        case cgocall
        /// What a signal handler returns to; those who read code recognise it.
        case returnsFromSignal
        /// What the goroutine that a C function called back from seems to have called.
        case isReturnedTo
    }
}

extension GoFunction.Role {
    /// Return addresses can be the function's very start, which no call precedes. As they are looked
    /// up one byte before themselves, the function's range has to begin a byte early.
    var beginsEarly: Bool { self == .returnsFromSignal || self == .isReturnedTo }

    var switchesStack: Bool { self == .switchesStack || self == .asmcgocall }

    /// By name: the numbers in the table, funcID, differ between Go versions, and cover few of these.
    init(name: some StringProtocol) {
        switch name.hasSuffix(".abi0") ? name.dropLast(5) : name[...] {
        case "runtime.goexit", "runtime.mstart", "runtime.rt0_go", "runtime.mcall",
            "runtime.morestack", "_rt0_amd64", "_rt0_amd64_linux":
            self = .outermost
        case "runtime.systemstack", "runtime.cgocallback", "runtime.nanotime1", "runtime.walltime",
            "time.now":
            self = .switchesStack
        case "runtime.asmcgocall": self = .asmcgocall
        // Not a wrapper for the other ABI: its frame is another.
        case "runtime.cgocall" where !name.hasSuffix(".abi0"): self = .cgocall
        case "runtime.systemstack_switch": self = .isReturnedTo
        case "runtime.sigreturn", "runtime.sigreturn__sigaction": self = .returnsFromSignal
        default: self = .ordinary
        }
    }
}
