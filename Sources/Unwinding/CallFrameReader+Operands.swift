extension CallFrameReader {
    /// A register that must be one of ours.
    mutating func readRegister() throws(CallFrameError) -> UInt8 {
        let number = try readULEB128()
        guard number < UInt64(Register.count) else {
            throw CallFrameError(.badRegister, at: offset)
        }
        return UInt8(number)
    }

    /// An unsigned offset that is not factored.
    mutating func readOffset() throws(CallFrameError) -> Int64 {
        let value = try readULEB128()
        guard let offset = Int64(exactly: value) else {
            throw CallFrameError(.overflow, at: self.offset)
        }
        return offset
    }

    /// offset = value × data alignment
    mutating func readFactoredUnsigned(
        _ common: CommonInformation
    ) throws(CallFrameError) -> Int64 {
        try factored(try readOffset(), common)
    }

    /// offset = value × data alignment
    mutating func readFactoredSigned(
        _ common: CommonInformation
    ) throws(CallFrameError) -> Int64 {
        try factored(try readSLEB128(), common)
    }

    private func factored(
        _ value: Int64, _ common: CommonInformation
    ) throws(CallFrameError) -> Int64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: common.dataAlignment)
        if overflow { throw CallFrameError(.overflow, at: offset) }
        return product
    }
}
