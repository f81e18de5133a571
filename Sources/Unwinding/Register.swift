/// DWARF's register numbers of x86-64 (System V ABI, AMD64 supplement, figure 3.36).
enum Register {
    static let base: UInt8 = 3
    static let framePointer: UInt8 = 6
    static let stackPointer: UInt8 = 7
    static let returnAddress: UInt8 = 16
    /// rax … r15 and the return address.
    static let count = 17
}
