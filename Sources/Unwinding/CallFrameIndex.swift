/// All frame descriptions of a section, sorted by address. Made by reading the section from front to
/// back: needs no `.eh_frame_hdr`, which static musl programs lack.
struct CallFrameIndex: Sendable {
    /// Sorted by start; of those with equal starts, the first in the section stands first.
    private(set) var descriptions: [FrameDescription] = []
    /// In the section's order.
    private(set) var commons: [CommonInformation] = []
    /// Entries that could not be read.
    private(set) var malformed = 0

    /// Frame descriptions read.
    var count: Int { descriptions.count }

    /// Far above real sections, since linkers merge equal entries; keeps memory bounded, as one is
    /// some 300 bytes here and can be 13 in the file.
    static let maximumCommons = 1 << 16
    /// 25 times those of clang, which is 167 MB.
    static let maximumDescriptions = 1 << 22

    /// Reads the whole section. A malformed entry costs itself and what refers to it; a broken
    /// length ends the reading. Takes time in proportion to the section.
    init(_ section: borrowing CallFrameSection) {
        var reader = section.reader(over: 0..<UInt32.max)
        var isSorted = true
        while !reader.isAtEnd {
            do {
                guard let entry = try section.readEntry(&reader) else { continue }
                reader = section.reader(over: entry.body.upperBound..<UInt32.max)
                if try !read(entry, in: section) { isSorted = false }
            } catch {
                malformed += 1
                if error.code == .badLength { break }
            }
        }
        if !isSorted { descriptions.sort { ($0.start, $0.order) < ($1.start, $1.order) } }
    }

    /// Returns whether the descriptions are still in order.
    private mutating func read(
        _ entry: CallFrameEntry, in section: borrowing CallFrameSection
    ) throws(CallFrameError) -> Bool {
        switch entry.role {
        case .malformed: throw CallFrameError(.truncated, at: entry.offset)
        case .commonInformation:
            guard commons.count < Self.maximumCommons else {
                throw CallFrameError(.tooManyEntries, at: entry.offset)
            }
            var common = try CommonInformation(reading: entry, in: section)
            var machine = CallFrameMachine()
            common.initialRules = try machine.initialRules(of: common, in: section)
            commons.append(common)
            return true
        case .frameDescription(let offset):
            guard count < Self.maximumDescriptions else {
                throw CallFrameError(.tooManyEntries, at: entry.offset)
            }
            guard let index = indexOfCommon(at: offset) else {
                throw CallFrameError(.noCommonInformation, at: entry.offset)
            }
            let description = try FrameDescription(
                reading: entry, common: commons[index], at: index, in: section)
            guard let description else { return true }
            let isNext = descriptions.last.map { $0.start <= description.start } ?? true
            descriptions.append(description)
            return isNext
        }
    }

    /// Only entries read before are found: so no bytes can be read twice, and hostile references
    /// cost nothing.
    private func indexOfCommon(at offset: UInt64) -> Int? {
        guard let last = commons.last else { return nil }
        if last.offset == offset { return commons.count - 1 }
        var low = 0
        var high = commons.count
        while low < high {
            let middle = (low + high) / 2
            if commons[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < commons.count && commons[low].offset == offset ? low : nil
    }

    /// The description that decides for an address: of those that start at or before it the one that
    /// starts last, and only if it reaches so far (as a search in `.eh_frame_hdr` has it).
    func description(at address: UInt64) -> FrameDescription? {
        var low = 0
        var high = descriptions.count
        while low < high {
            let middle = (low + high) / 2
            if descriptions[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        var found = descriptions[low - 1]
        var index = low - 1
        while index > 0, descriptions[index - 1].start == found.start {
            index -= 1
            found = descriptions[index]
        }
        return address < found.end ? found : nil
    }
}

extension FrameDescription {
    /// Position in the section, for a stable order.
    fileprivate var order: UInt32 { instructions.lowerBound }
}
