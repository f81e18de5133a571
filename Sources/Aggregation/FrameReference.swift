package import ProfileModel

/// One frame after its address was tied to an image, before anything was named.
package enum FrameReference: Hashable, Sendable {
    /// `isReturnAddress`: the address belongs to the instruction before it.
    case kernel(ProcessAddress, isReturnAddress: Bool)
    case user(MappedImage, FileOffset, isReturnAddress: Bool)
    /// In no mapping that was known at the sample's time.
    case unmapped(ProcessAddress)
    /// Not code: where the stack was cut, and why.
    case cut(StopReason)
}

extension Sample {
    /// The sample's whole stack, leaf first: kernel frames, user frames, and why it was cut, if it was.
    ///
    /// - Parameter place: where a user address lies at the sample's time, nil when nowhere. Return
    ///   addresses are asked for one byte before: they belong to the instruction before them, which
    ///   may be the last of its mapping.
    package func frames(
        place: (ProcessAddress) -> (image: MappedImage, offset: FileOffset)?
    ) -> [FrameReference] {
        var frames: [FrameReference] = []
        frames.reserveCapacity(kernelFrames.count + userFrames.count + 1)
        for (depth, address) in kernelFrames.enumerated() {
            frames.append(.kernel(ProcessAddress(address), isReturnAddress: depth > 0))
        }
        if !kernelStop.isComplete { frames.append(.cut(kernelStop)) }
        for (depth, frame) in userFrames.enumerated() {
            let isReturnAddress = depth > 0 && frame & Sample.interruptedBit == 0
            let address = frame & ~Sample.interruptedBit
            let back: UInt64 = isReturnAddress ? 1 : 0
            if let (image, offset) = place(ProcessAddress(address &- back)) {
                let offset = FileOffset(offset.value &+ back)
                frames.append(.user(image, offset, isReturnAddress: isReturnAddress))
            } else {
                frames.append(.unmapped(ProcessAddress(address)))
            }
        }
        if !userStop.isComplete { frames.append(.cut(userStop)) }
        return frames
    }
}
