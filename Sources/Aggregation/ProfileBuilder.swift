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
    private var known: [Key: StackTable.LocationID] = [:]

    /// Code that no file holds has an address of its process, and a name there only.
    private struct Key: Hashable {
        let frame: FrameReference
        /// 0 where one name does for all processes.
        let tgid: UInt32

        init(_ frame: FrameReference, tgid: UInt32) {
            self.frame = frame
            if case .user(let image, _, _) = frame, !image.isFile {
                self.tgid = tgid
            } else {
                self.tgid = 0
            }
        }
    }
    private let names: Symbolicator

    init(names: Symbolicator) { self.names = names }

    /// Names every distinct user frame, image after image, so that each file is read once at most
    /// however many there are and however little memory.
    mutating func nameAll(_ entries: [Window.Entry]) {
        var byImage: [MappedImage: [FileOffset: (frame: FrameReference, tgid: UInt32)]] = [:]
        for entry in entries {
            for case .user(let image, let offset, let isReturnAddress) in entry.frames
            where image.isFile {
                let frame = FrameReference.user(image, offset, isReturnAddress: isReturnAddress)
                byImage[image, default: [:]][offset] = (frame, entry.tgid)
            }
        }
        // By address: debug information is read unit after unit.
        for frames in byImage.values {
            for (_, found) in frames.sorted(by: { $0.key.value < $1.key.value }) {
                _ = location(of: found.frame, tgid: found.tgid)
            }
        }
    }

    mutating func stack(of entry: Window.Entry) -> StackTable.StackID {
        let stack = entry.frames.map { location(of: $0, tgid: entry.tgid) }
        return table.intern(stack: stack)
    }

    private mutating func location(of frame: FrameReference, tgid: UInt32) -> StackTable.LocationID
    {
        let key = Key(frame, tgid: tgid)
        if let id = known[key] { return id }
        let id = table.intern(resolve(frame, tgid: tgid))
        known[key] = id
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
