/// Register values of one frame, by DWARF number; what is not known is nil.
package struct RegisterFile: Sendable {
    private var values = InlineArray<17, UInt64>(repeating: 0)
    private var known: UInt32 = 0

    /// Nothing is known.
    package init() {}

    /// Numbers above 16 are not kept.
    package subscript(register: UInt8) -> UInt64? {
        get {
            guard register < Register.count, known & (1 << UInt32(register)) != 0 else {
                return nil
            }
            return values[Int(register)]
        }
        set {
            guard register < Register.count else { return }
            if let newValue {
                values[Int(register)] = newValue
                known |= 1 << UInt32(register)
            } else {
                known &= ~(1 << UInt32(register))
            }
        }
    }

    /// rsp
    package var stackPointer: UInt64? {
        get { self[Register.stackPointer] }
        set { self[Register.stackPointer] = newValue }
    }

    /// rbp
    package var framePointer: UInt64? {
        get { self[Register.framePointer] }
        set { self[Register.framePointer] = newValue }
    }

    /// rip: where the frame is, its return address as its caller sees it.
    package var instructionPointer: UInt64? {
        get { self[Register.returnAddress] }
        set { self[Register.returnAddress] = newValue }
    }
}
