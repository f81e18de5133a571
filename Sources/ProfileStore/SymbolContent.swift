import ByteReading
import ProfileModel

/// The functions and images of a whole partition file, numbered densely in first-seen order: what the
/// dictionaries of all its services refer to.
///
/// Services of one machine share the kernel, the C library and runtimes; a copy of every name per
/// service took most of the disk.
struct SymbolContent: SegmentedContent {
    struct Mark: SegmentMark {
        var names = 0
        var functions = 0
        var images = 0

        var weight: Int { names + functions + images }
    }

    /// Names and paths in UTF-8, and build IDs.
    private var names = ByteTable()
    /// Per function the numbers of its name, its system name and its file.
    private var functions = ByteTable()
    /// Per image the number of its name and, + 1, that of its build ID × 2 (+ 1 when a content hash).
    private var images = ByteTable()
    var segments: [Mark] = []

    var mark: Mark {
        Mark(names: names.count, functions: functions.count, images: images.count)
    }

    var functionCount: Int { functions.count }
    var imageCount: Int { images.count }

    /// Memory held, in bytes.
    var footprint: Int { names.footprint + functions.footprint + images.footprint }

    // MARK: Adding

    /// The number of a function, added when it is new.
    mutating func intern(_ function: Function) -> Int {
        var entry: [UInt8] = []
        let name = intern(function.name)
        entry.appendVarint(name)
        entry.appendVarint(
            function.systemName == function.name ? name : intern(function.systemName))
        entry.appendVarint(intern(function.file))
        return functions.intern(entry)
    }

    /// The number of an image, added when it is new.
    mutating func intern(_ image: StackTable.Image) -> Int {
        var entry: [UInt8] = []
        entry.appendVarint(intern(image.module))
        if let buildID = image.buildID {
            let number = names.intern(buildID.bytes)
            entry.appendVarint((number << 1 | (buildID.isContentHash ? 1 : 0)) + 1)
        } else {
            entry.append(0)
        }
        return images.intern(entry)
    }

    private mutating func intern(_ text: String) -> Int { names.intern(Array(text.utf8)) }

    // MARK: Reading

    /// Nil when there is none of that number, or it is damaged.
    func function(_ id: Int) -> Function? {
        guard id < functions.count else { return nil }
        var reader = ByteReader(functions[id].span.bytes)
        guard let name = text(try? reader.readULEB128()),
            let systemName = text(try? reader.readULEB128()),
            let file = text(try? reader.readULEB128())
        else { return nil }
        return Function(name: name, systemName: systemName, file: file)
    }

    /// Nil when there is none of that number, or it is damaged.
    func image(_ id: Int) -> StackTable.Image? {
        guard id < images.count else { return nil }
        var reader = ByteReader(images[id].span.bytes)
        guard let module = text(try? reader.readULEB128()),
            let reference = try? reader.readULEB128()
        else { return nil }
        guard reference > 0 else { return StackTable.Image(module: module, buildID: nil) }
        let number = (reference - 1) >> 1
        guard number < UInt64(names.count),
            let buildID = BuildID(
                Array(names[Int(number)]), isContentHash: (reference - 1) & 1 != 0)
        else { return nil }
        return StackTable.Image(module: module, buildID: buildID)
    }

    private func text(_ id: UInt64?) -> String? {
        guard let id, id < UInt64(names.count) else { return nil }
        return String(decoding: names[Int(id)], as: UTF8.self)
    }

    // MARK: Segments

    /// Names, functions and images there were before; how many are here; then each, counted bytes.
    func payload(since first: Mark) -> [UInt8] {
        var bytes: [UInt8] = []
        let last = mark
        for count in [
            first.names, first.functions, first.images, last.names - first.names,
            last.functions - first.functions, last.images - first.images,
        ] { bytes.appendVarint(count) }
        for id in first.names..<last.names { bytes.appendCounted(names[id]) }
        for id in first.functions..<last.functions { bytes.appendCounted(functions[id]) }
        for id in first.images..<last.images { bytes.appendCounted(images[id]) }
        return bytes
    }

    mutating func append(payload: RawSpan) throws {
        var reader = ByteReader(payload)
        let begin = mark
        for count in [begin.names, begin.functions, begin.images] {
            guard try reader.readULEB128() == UInt64(count) else {
                throw StoreError(.corrupt, "it does not follow the one before")
            }
        }
        let (newNames, newFunctions, newImages) = (
            try reader.readCount(), try reader.readCount(), try reader.readCount()
        )
        for _ in 0..<newNames { _ = names.intern(try reader.readCounted()) }
        for _ in 0..<newFunctions { _ = functions.intern(try reader.readCounted()) }
        for _ in 0..<newImages { _ = images.intern(try reader.readCounted()) }
        guard
            mark
                == Mark(
                    names: begin.names + newNames, functions: begin.functions + newFunctions,
                    images: begin.images + newImages)
        else { throw StoreError(.corrupt, "an entry is there twice") }
        // Once here, so that no reader of a location meets a function that cannot be read.
        guard (begin.functions..<functions.count).allSatisfy({ function($0) != nil }),
            (begin.images..<images.count).allSatisfy({ image($0) != nil })
        else { throw StoreError(.corrupt, "a function or image is not what was written") }
    }
}
