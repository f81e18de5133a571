/// Bytes were not what their format promises. Carries where, counted from the reader's first byte.
package struct ReadError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The bytes end before the value does.
        case endOfBytes
        /// offset + length does not fit the address space.
        case offsetOverflow
        /// A variable-length integer is longer than 64 bits.
        case integerTooLong
        /// A string has no terminator within its bound.
        case unterminatedString
    }

    package let code: Code
    package let offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }
}

extension ReadError: CustomStringConvertible {
    package var description: String {
        switch code {
        case .endOfBytes: "the bytes end at offset \(offset), inside a value"
        case .offsetOverflow: "an offset near \(offset) overflows"
        case .integerTooLong: "the integer at offset \(offset) is longer than 64 bits"
        case .unterminatedString: "the string at offset \(offset) has no end"
        }
    }
}
