/// The registers and the top of the stack of a thread, as they were when it was sampled.
package struct StackCopy: Hashable, Sendable {
    /// In the order of DWARF's numbers, 0 to 15 (System V ABI x86-64, figure 3.36); then the
    /// instruction pointer.
    package let registers: [UInt64]
    /// The process address of the first byte: a little below the stack pointer.
    package let start: ProcessAddress
    /// Cut where the copy was full or a page was absent.
    package let bytes: [UInt8]
    /// Whether it is among the process's first: the sooner BPF knows the process, the fewer follow.
    package let isUrgent: Bool

    package init(
        registers: [UInt64], start: ProcessAddress, bytes: [UInt8], isUrgent: Bool = false
    ) {
        self.registers = registers
        self.start = start
        self.bytes = bytes
        self.isUrgent = isUrgent
    }
}
