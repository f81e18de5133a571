package import ProfileModel
package import Symbolication

/// Names a window's frames and turns it into profiles, one per series.
package struct ProfileBuilder {
    private let type: ProfileType

    package init(type: ProfileType = .cpu) { self.type = type }

    /// A batch for the store. Values are in the type's unit: samples × period.
    package func batch(from window: Window, names: Symbolicator) -> ProfileBatch {
        var stacks = StackNaming(names: names)
        stacks.nameAll(window.entries)
        var values = [[StackTable.StackID: Int64]](repeating: [:], count: window.series.count)
        for entry in window.entries {
            let stack = stacks.stack(of: entry)
            values[entry.series][stack, default: 0] += entry.count * window.period
        }
        let profiles = zip(window.series, values).map { labels, values in
            Profile(
                labels: labels, type: type, start: window.start,
                durationMilliseconds: window.durationMilliseconds, period: window.period,
                values: values.map { StackValue(stack: $0.key, value: $0.value) })
        }
        return ProfileBatch(table: stacks.table, profiles: profiles)
    }
}

/// Names each distinct frame of a window once and interns the stacks.
private struct StackNaming {
    private(set) var table = StackTable()
    private var known: [FrameReference: StackTable.LocationID] = [:]
    private let names: Symbolicator

    init(names: Symbolicator) { self.names = names }

    /// Names every distinct user frame, image after image, so that each file is read once at most
    /// however many there are and however little memory.
    mutating func nameAll(_ entries: [Window.Entry]) {
        var byImage: [MappedImage: [FrameReference: UInt32]] = [:]
        for entry in entries {
            for case .user(let image, let offset, let isReturnAddress) in entry.frames {
                let frame = FrameReference.user(image, offset, isReturnAddress: isReturnAddress)
                byImage[image, default: [:]][frame] = entry.tgid
            }
        }
        for frames in byImage.values {
            for (frame, tgid) in frames { _ = location(of: frame, tgid: tgid) }
        }
    }

    mutating func stack(of entry: Window.Entry) -> StackTable.StackID {
        let stack = entry.frames.map { location(of: $0, tgid: entry.tgid) }
        return table.intern(stack: stack)
    }

    private mutating func location(of frame: FrameReference, tgid: UInt32) -> StackTable.LocationID
    {
        if let id = known[frame] { return id }
        let id = table.intern(resolve(frame, tgid: tgid))
        known[frame] = id
        return id
    }

    private func resolve(_ frame: FrameReference, tgid: UInt32) -> Location {
        switch frame {
        case .kernel(let address, let isReturnAddress):
            names.kernelLocation(address, isReturnAddress: isReturnAddress)
        case .user(let image, let offset, let isReturnAddress):
            names.location(
                of: image, fileOffset: offset, isReturnAddress: isReturnAddress, process: tgid)
        case .unmapped(let address):
            Location(unnamed: ImageAddress(address.value), kind: .native, module: "")
        case .cut(let reason):
            Location(cutBy: reason)
        }
    }
}
