/// Call frame information that cannot be used, and where in its section.
package struct CallFrameError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// An entry ends before a value in it does.
        case truncated
        /// A length reaches past the section, or is one of the reserved lengths.
        case badLength
        /// A frame description names no common information that stands before it.
        case noCommonInformation
        /// A version other than 1, 3 and 4.
        case unsupportedVersion
        /// An augmentation whose data cannot be skipped.
        case unknownAugmentation
        /// Addresses that are not 8 bytes, segment selectors, or a return column other than 16.
        case unsupportedMachine
        /// A pointer encoding that needs a base we do not have, or that does not exist.
        case unsupportedEncoding
        /// A product or a sum does not fit 64 bits.
        case overflow
        /// An instruction that is not defined.
        case unknownInstruction
        /// A register that x86-64 does not have, where one is needed.
        case badRegister
        /// One of the CFA's register and offset, where the other was never said.
        case noRegisterCFA
        /// A location before the row's.
        case backwards
        /// More remembered states than the limit, or a restore without one.
        case badStateStack
        /// More entries than any real section has.
        case tooManyEntries
    }

    package let code: Code
    /// Bytes from the section's beginning.
    package let offset: UInt64

    init(_ code: Code, at offset: UInt64) {
        self.code = code
        self.offset = offset
    }
}
