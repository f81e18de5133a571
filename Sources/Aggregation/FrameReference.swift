package import ProcessTracking
package import ProfileModel

/// One frame after its address was tied to an image, before anything was named.
package enum FrameReference: Equatable, Sendable {
    /// `isReturnAddress`: the address belongs to the instruction before it.
    case kernel(ProcessAddress, isReturnAddress: Bool)
    /// `image`: which one, `Window.images` tells.
    case user(FileOffset, image: ImageTable.ImageID, isReturnAddress: Bool)
    /// In no mapping that was known at the sample's time.
    case unmapped(ProcessAddress)
    /// Not code: where the stack was cut, and why.
    case cut(StopReason)
}

extension FrameReference: Hashable {
    // One word: there are some dozen frames to a stack.
    package func hash(into hasher: inout Hasher) {
        let word =
            switch self {
            case .kernel(let address, let isReturnAddress):
                address.value << 1 | (isReturnAddress ? 1 : 0)
            case .user(let offset, let image, let isReturnAddress):
                (offset.value << 1 | (isReturnAddress ? 1 : 0))
                    ^ UInt64(truncatingIfNeeded: image) << 40
            case .unmapped(let address): ~address.value
            case .cut(let reason): UInt64(reason.rawValue)
            }
        hasher.combine(word)
    }
}

extension Sample {
    /// The sample's whole stack, leaf first: kernel frames, user frames, and why it was cut, if it was.
    ///
    /// - Parameter place: where a user address lies at the sample's time, nil when nowhere. Return
    ///   addresses are asked for one byte before: they belong to the instruction before them, which
    ///   may be the last of its mapping.
    package func references(
        place: (ProcessAddress) -> (image: ImageTable.ImageID, offset: FileOffset)?
    ) -> [FrameReference] {
        var references: [FrameReference] = []
        references.reserveCapacity(frames.count + 2)
        for depth in 0..<kernelFrameCount {
            references.append(.kernel(ProcessAddress(frames[depth]), isReturnAddress: depth > 0))
        }
        if !kernelStop.isComplete { references.append(.cut(kernelStop)) }
        for depth in kernelFrameCount..<frames.count {
            let isReturnAddress =
                depth > kernelFrameCount && frames[depth] & Sample.interruptedBit == 0
            let address = frames[depth] & ~Sample.interruptedBit
            let back: UInt64 = isReturnAddress ? 1 : 0
            if let (image, offset) = place(ProcessAddress(address &- back)) {
                let offset = FileOffset(offset.value &+ back)
                references.append(
                    .user(offset, image: image, isReturnAddress: isReturnAddress))
            } else {
                references.append(.unmapped(ProcessAddress(address)))
            }
        }
        if !userStop.isComplete { references.append(.cut(userStop)) }
        return references
    }
}
