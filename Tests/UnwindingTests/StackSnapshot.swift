import Glibc

@testable import Unwinding

/// A thread's registers, stack and callers, taken while it was in a signal handler that was called in
/// a signal handler that was called in a comparison that qsort called.
struct StackSnapshot {
    /// Of the inner handler's ucontext: in `raise`, called by the outer handler.
    let registers: RegisterFile
    /// From the stack pointer up.
    let stack: [UInt64]
    /// What the C library's own unwinder says, from within the inner handler.
    let callers: [UInt64]

    /// The word at a process address; nil outside the stack.
    func word(at address: UInt64) -> UInt64? {
        guard let start = registers.stackPointer, address >= start, address % 8 == start % 8 else {
            return nil
        }
        let index = (address - start) / 8
        return index < UInt64(stack.count) ? stack[Int(index)] : nil
    }

    static func take() -> StackSnapshot? {
        taken = nil
        backtrace = dlsym(nil, "backtrace").map { unsafeBitCast($0, to: Backtrace.self) }
        var here = 0
        stackEnd = withUnsafePointer(to: &here) {
            let address = UInt64(UInt(bitPattern: $0))
            return Mapping.ofThisProcess().first { $0.range.contains(address) }?.range.upperBound
        }
        install(SIGUSR2) { _, _, context in
            StackSnapshot.taken = StackSnapshot(context)
        }
        install(SIGUSR1) { _, _, _ in raise(SIGUSR2) }
        // Dispatch's threads block all signals.
        var signals = sigset_t()
        var before = sigset_t()
        sigaddset(&signals, SIGUSR1)
        sigaddset(&signals, SIGUSR2)
        pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var numbers: [Int32] = [3, 1, 2]
        qsort(&numbers, numbers.count, MemoryLayout<Int32>.size) { _, _ in
            if StackSnapshot.taken == nil { raise(SIGUSR1) }
            return 0
        }
        return taken
    }

    /// Touched only by the thread that raises the signals.
    nonisolated(unsafe) private static var taken: StackSnapshot?

    private typealias Backtrace =
        @convention(c) (UnsafeMutablePointer<UnsafeMutableRawPointer?>, Int32) -> Int32
    nonisolated(unsafe) private static var backtrace: Backtrace?
    nonisolated(unsafe) private static var stackEnd: UInt64?

    private static func install(
        _ signal: Int32,
        _ handler:
            @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?)
            -> Void
    ) {
        var action = sigaction()
        action.__sigaction_handler.sa_sigaction = handler
        action.sa_flags = SA_SIGINFO
        sigaction(signal, &action, nil)
    }

    private init?(_ context: UnsafeMutableRawPointer?) {
        guard let context else { return nil }
        let words = context.advanced(by: 40).assumingMemoryBound(to: UInt64.self)
        // r8 … r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip
        let numbers: [UInt8] = [8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16]
        var registers = RegisterFile()
        for (index, number) in numbers.enumerated() { registers[number] = words[index] }
        self.registers = registers
        guard let start = UnsafePointer<UInt64>(bitPattern: UInt(words[15])),
            let end = Self.stackEnd, end > words[15]
        else { return nil }
        stack = Array(UnsafeBufferPointer(start: start, count: Int(end - words[15]) / 8))
        var frames = [UnsafeMutableRawPointer?](repeating: nil, count: 128)
        guard let backtrace = Self.backtrace else { return nil }
        let found = backtrace(&frames, Int32(frames.count))
        callers = frames.prefix(Int(found)).map { UInt64(UInt(bitPattern: $0)) }
    }
}
