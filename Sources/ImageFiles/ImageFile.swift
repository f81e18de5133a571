import ELFImage
import Glibc
import LinuxSystem
import ProfileModel

/// An ELF file opened for its names. Read with `pread` into bounded memory and never mapped: a
/// file that shrinks meanwhile gives an error, where a mapping would give SIGBUS.
struct ImageFile: ~Copyable {
    private let file: OwnedDescriptor
    private let size: UInt64
    let identity: FileIdentity
    let segments: [ProgramHeader]
    private let sections: [SectionHeader]

    /// The largest symbol or string table that is read; clang's own are about 40 MB.
    private static let largestTable: UInt64 = 512 << 20

    /// Takes an open file. Anything but a regular ELF64 file is refused.
    init(_ file: consuming OwnedDescriptor) throws(ImageError) {
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .notRegular
        }
        let size = UInt64(clamping: status.st_size)
        let first = try Self.read(file, 0, UInt64(ELFHeader.byteCount), size)
        let segments: [ProgramHeader]
        let sections: [SectionHeader]
        do {
            let header = try ELFHeader(parsing: first.span.bytes)
            let programs = try Self.read(file, header.programHeaders, size)
            segments = try ProgramHeader.parse(programs.span.bytes, table: header.programHeaders)
            // A file may be stripped of its section headers; its segments still tell the build ID.
            let table = try? Self.read(file, header.sectionHeaders, size)
            sections =
                try table.map {
                    try SectionHeader.parse($0.span.bytes, table: header.sectionHeaders)
                } ?? []
        } catch let error as ImageError {
            throw error
        } catch {
            throw .malformed
        }
        self = ImageFile(
            file, size: size, segments: segments, sections: sections,
            identity: FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    }

    private init(
        _ file: consuming OwnedDescriptor, size: UInt64, segments: [ProgramHeader],
        sections: [SectionHeader], identity: FileIdentity
    ) {
        self.file = file
        self.size = size
        self.segments = segments
        self.sections = sections
        self.identity = identity
    }

    /// The linker's identity, from the note segments or, where there are none, the note sections.
    func buildID() -> BuildID? {
        let notes =
            segments.filter { $0.type == ProgramHeader.note }.map { ($0.offset, $0.fileSize) }
            + sections.filter { $0.type == SectionHeader.note }.map { ($0.offset, $0.size) }
        for (offset, length) in notes where length <= 1 << 16 {
            guard let bytes = try? Self.read(file, offset, length, size) else { continue }
            if let id = Notes.buildID(in: bytes.span.bytes) { return id }
        }
        return nil
    }

    /// Functions of `.symtab`, or of `.dynsym` when the file was stripped. Empty when it has neither.
    func symbols() throws(ImageError) -> SymbolTable {
        let tables =
            sections.filter { $0.type == SectionHeader.symbolTable }
            + sections.filter { $0.type == SectionHeader.dynamicSymbolTable }
        for table in tables {
            let symbols = try symbols(of: table)
            if !symbols.isEmpty { return symbols }
        }
        return SymbolTable([], strings: [UInt8]().span.bytes) { _ in 0 }
    }

    private func symbols(of table: SectionHeader) throws(ImageError) -> SymbolTable {
        guard Int(table.link) < sections.count else { throw .malformed }
        let strings = sections[Int(table.link)]
        let names = try Self.read(file, strings.offset, strings.size, size)
        let bytes = try Self.read(file, table.offset, table.size, size)
        var entries: [SymbolTable.Entry] = []
        ELFSymbol.forEachFunction(in: bytes.span.bytes, sections: sections) { symbol in
            entries.append(
                SymbolTable.Entry(
                    start: symbol.address, size: symbol.size,
                    rank: Self.rank(symbol, in: names.span.bytes), name: symbol.name))
        }
        let ranges = sections.filter(\.isExecutable)
        return SymbolTable(entries, strings: names.span.bytes) { address in
            let range = ranges.first { $0.address <= address && address - $0.address < $0.size }
            return range.map { $0.address &+ $0.size } ?? address
        }
    }

    /// Which of several names at one address people know: global over weak over local, then the one
    /// without leading underscores (`malloc`, not `__libc_malloc`), as perf chooses.
    private static func rank(_ symbol: ELFSymbol, in names: RawSpan) -> UInt8 {
        let binding: UInt8 =
            switch symbol.binding {
            case .global: 4
            case .weak: 2
            case .local: 0
            }
        let offset = Int(symbol.name)
        guard offset < names.byteCount else { return binding }
        let first = unsafe names.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        return binding + (first == UInt8(ascii: "_") ? 0 : 1)
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ table: ELFHeader.Table, _ size: UInt64
    ) throws(ImageError) -> [UInt8] {
        try read(file, table.offset, UInt64(table.byteCount), size)
    }

    private static func read(
        _ file: borrowing OwnedDescriptor, _ offset: UInt64, _ count: UInt64, _ size: UInt64
    ) throws(ImageError) -> [UInt8] {
        guard count <= largestTable, offset <= size, count <= size - offset else {
            throw .malformed
        }
        let number = file.number
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            while filled < Int(count) {
                let got = unsafe pread(
                    number, buffer.baseAddress.map { unsafe $0 + filled }, Int(count) - filled,
                    Int(offset) + filled)
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else {
                    failed = true
                    return
                }
                filled += got
            }
        }
        guard !failed else { throw .unreadable }
        return bytes
    }
}

/// Why an image gives no names.
package enum ImageError: String, Error, Hashable, Sendable, CaseIterable {
    /// No path led to a file: it was deleted, or its process has ended with its mount namespace.
    case notFound = "not-found"
    /// A file is there, but it is not the one that was mapped.
    case otherFile = "other-file"
    case notRegular = "not-regular"
    case malformed
    case unreadable
    /// A good file with neither `.symtab` nor `.dynsym`.
    case noSymbols = "no-symbols"
}
