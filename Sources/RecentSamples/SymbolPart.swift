import ByteReading
import ProfileModel
import ProfileStore

/// The functions and images that one part of a chapter brings, by their place in the part.
///
///     names, counted bytes each; functions: name, system name and file, as numbers of names;
///     images: module, counted bytes; 0, or 1 (2: a content hash) and the build ID, counted bytes
struct SymbolPart: Sendable {
    private(set) var functions: [Function] = []
    private(set) var images: [StackTable.Image] = []

    init(packed bytes: [UInt8], _ codec: borrowing ZstdCodec) throws(StoreError) {
        var part = SymbolPart()
        try Packing.unpack(bytes, "functions", codec) { reader in
            let names = try (0..<reader.readCount()).map { _ in
                String(decoding: try reader.readCounted(), as: UTF8.self)
            }
            func name() throws -> String {
                let number = Int(try reader.readUInt32())
                guard number < names.count else {
                    throw StoreError(.corrupt, "a function has a name that is not there")
                }
                return names[number]
            }
            for _ in 0..<(try reader.readCount()) {
                part.functions.append(
                    Function(name: try name(), systemName: try name(), file: try name()))
            }
            for _ in 0..<(try reader.readCount()) {
                part.images.append(try Self.image(&reader))
            }
        }
        self = part
    }

    private init() {}

    private static func image(_ reader: inout ByteReader) throws -> StackTable.Image {
        let module = String(decoding: try reader.readCounted(), as: UTF8.self)
        let kind = try reader.read(UInt8.self)
        guard kind > 0 else { return StackTable.Image(module: module, buildID: nil) }
        guard let id = BuildID(try reader.readCounted(), isContentHash: kind > 1) else {
            throw StoreError(.corrupt, "a build ID is none")
        }
        return StackTable.Image(module: module, buildID: id)
    }

    /// Collects a part's functions; each is added once.
    struct Writer: Sendable {
        private var names = ByteTable()
        private var functions: [UInt8] = []
        private var count = 0

        /// Memory held, in bytes.
        var footprint: Int { names.footprint + functions.capacity }

        mutating func add(_ function: Function) {
            for text in [function.name, function.systemName, function.file] {
                functions.appendVarint(names.intern(Array(text.utf8)))
            }
            count += 1
        }

        /// `images`: as they are written.
        func packed(
            images: [ArraySlice<UInt8>], _ codec: borrowing ZstdCodec
        ) -> [UInt8] {
            var payload: [UInt8] = []
            payload.appendVarint(names.count)
            for id in 0..<names.count { payload.appendCounted(names[id]) }
            payload.appendVarint(count)
            payload += functions
            payload.appendVarint(images.count)
            for image in images { payload += image }
            // A seventh smaller than at level 1, and names are most of what is written.
            return Packing.pack(payload, codec, level: 3)
        }
    }
}
