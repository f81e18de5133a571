import ProcessTracking
package import ProfileModel
package import Symbolication

/// Names a window's frames and turns it into profiles, one per series.
package struct ProfileBuilder {
    private let type: ProfileType

    package init(type: ProfileType = .cpu) { self.type = type }

    /// A batch for the store. Values are in the type's unit: samples × period.
    package func batch(from window: Window, names: Symbolicator) -> ProfileBatch {
        build(from: window, names: names).batch
    }

    /// A batch for the store, and the stack in its table of each of the window's entries.
    package func build(
        from window: Window, names: Symbolicator
    ) -> (batch: ProfileBatch, stacks: [StackTable.StackID]) {
        var stacks = StackNaming(of: window, names: names)
        stacks.nameAll()
        let ids = window.entries.map { stacks.stack(of: $0) }
        var values = [[StackTable.StackID: Int64]](repeating: [:], count: window.series.count)
        for (entry, stack) in zip(window.entries, ids) {
            values[entry.series][stack, default: 0] += entry.count * window.period
        }
        let profiles = zip(window.series, values).map { labels, values in
            Profile(
                labels: labels, type: type, start: window.start,
                durationMilliseconds: window.durationMilliseconds, period: window.period,
                values: values.map { StackValue(stack: $0.key, value: $0.value) })
        }
        return (ProfileBatch(table: stacks.table, profiles: profiles), ids)
    }
}

/// Names each distinct frame of a window once and interns the stacks.
private struct StackNaming {
    private(set) var table = StackTable()
    private let window: Window
    private let names: Symbolicator
    /// By frame number; nil: not named yet, or named for each process.
    private var known: [StackTable.LocationID?]
    /// Code that no file holds has an address of its process, and a name there only.
    private var knownInProcess: [ProcessFrame: StackTable.LocationID] = [:]

    private struct ProcessFrame: Hashable {
        let frame: Window.FrameNumber
        let tgid: UInt32
    }

    init(of window: Window, names: Symbolicator) {
        self.window = window
        self.names = names
        known = Array(repeating: nil, count: window.frames.count)
    }

    /// Names every distinct user frame, image after image, so that each file is read once at most
    /// however many there are and however little memory. By address: debug information is read unit after unit.
    mutating func nameAll() {
        // A process whose file it may be read from: the last is the likeliest to live.
        var processes = [UInt32](repeating: 0, count: window.frames.count)
        for entry in window.entries {
            for frame in entry.frames { processes[Int(frame)] = entry.tgid }
        }
        let places = window.frames.enumerated().compactMap { number, frame -> Place? in
            guard case .user(let offset, let image, _) = frame else { return nil }
            return Place(image: image, offset: offset, frame: Window.FrameNumber(number))
        }
        for place in places.sorted() where window.images[place.image]?.isFile == true {
            _ = location(of: place.frame, tgid: processes[Int(place.frame)])
        }
    }

    private struct Place: Comparable {
        let image: ImageTable.ImageID
        let offset: FileOffset
        let frame: Window.FrameNumber

        static func < (left: Place, right: Place) -> Bool {
            (left.image, left.offset, left.frame) < (right.image, right.offset, right.frame)
        }
    }

    mutating func stack(of entry: Window.Entry) -> StackTable.StackID {
        let stack = entry.frames.map { location(of: $0, tgid: entry.tgid) }
        return table.intern(stack: stack)
    }

    private mutating func location(
        of number: Window.FrameNumber, tgid: UInt32
    ) -> StackTable.LocationID {
        if let id = known[Int(number)] { return id }
        let frame = window.frames[Int(number)]
        if case .user(_, let image, _) = frame, window.images[image]?.isFile == false {
            let key = ProcessFrame(frame: number, tgid: tgid)
            if let id = knownInProcess[key] { return id }
            let id = table.intern(resolve(frame, tgid: tgid))
            knownInProcess[key] = id
            return id
        }
        let id = table.intern(resolve(frame, tgid: tgid))
        known[Int(number)] = id
        return id
    }

    private func resolve(_ frame: FrameReference, tgid: UInt32) -> Location {
        switch frame {
        case .kernel(let address, let isReturnAddress):
            return names.kernelLocation(address, isReturnAddress: isReturnAddress)
        case .user(let offset, let id, let isReturnAddress):
            guard let image = window.images[id] else {
                return Location(unnamed: ImageAddress(offset.value), kind: .native, module: "")
            }
            return names.location(
                of: image, fileOffset: offset, isReturnAddress: isReturnAddress, process: tgid)
        case .unmapped(let address):
            return Location(unnamed: ImageAddress(address.value), kind: .native, module: "")
        case .cut(let reason):
            return Location(cutBy: reason)
        }
    }
}
