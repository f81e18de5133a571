import ELFImage
import ImageFiles
import LinuxSystem
import ProfileModel
import Unwinding

/// Where an image's names are looked for, the best source first: its own `.symtab`; the small symbol
/// table that stripped files keep, `.gnu_debugdata`; a debug file; `.dynsym`; Go's line table. What is
/// found becomes a table in the cache.
struct SymbolChain {
    let cache: SymbolCache
    /// Nil: nothing is fetched.
    var depot: DebugFileDepot?

    /// The table of an image's file.
    ///
    /// - Parameters:
    ///   - path: as its process sees it; debug files are looked for beside it.
    ///   - process: through whose root.
    func table(
        of file: borrowing ImageFile, path: String, process: UInt32
    ) throws(ImageError) -> SymbolTable {
        let key = Self.key(of: file)
        let kept = cache.table(key)
        // A debug package may have been installed since.
        if let kept, !kept.origin.isPoor { return kept }
        if let table = file.table(SectionHeader.symbolTable) {
            let source = Source(origin: .symbolTable, table: table)
            if let made = try make(key, source, of: file, beside: file) { return made }
        }
        if let small = try? file.miniDebugInfo(), let table = small.table(SectionHeader.symbolTable)
        {
            let source = Source(origin: .miniDebugInfo, table: table)
            if let made = try make(key, source, of: small, beside: file) { return made }
        }
        if let debug = DebugFileSearch.open(for: file, path: path, process: process),
            let table = debug.file.table(SectionHeader.symbolTable)
        {
            let source = Source(origin: .debugFile, table: table, detail: debug.path)
            if let made = try make(key, source, of: debug.file, beside: file) { return made }
        }
        if let id = file.buildID(), let fetched = depot?.open(id),
            let table = fetched.table(SectionHeader.symbolTable)
        {
            let source = Source(origin: .debuginfod, table: table)
            if let made = try make(key, source, of: fetched, beside: file) { return made }
        }
        if let kept { return kept }
        let last = Source(origin: .dynamicSymbols, table: nil)
        guard let made = try make(key, last, of: file, beside: file) else { throw .unreadable }
        return made
    }

    /// The vDSO's, which has `.dynsym` alone. Never kept: it is another with the next kernel.
    func virtualTable(of file: borrowing ImageFile) throws(ImageError) -> SymbolTable {
        let source = Source(origin: .virtualLibrary, table: nil)
        guard let target = try? OwnedDescriptor.memory(named: "symbols", contents: []),
            case .made(let table) = try write(source, of: file, beside: file, into: target)
        else { throw .unreadable }
        return table
    }

    /// The main source of a table.
    private struct Source {
        var origin: SymbolOrigin
        /// Nil: the image's own `.dynsym` and line table are all there is.
        let table: SectionHeader?
        var detail = ""
    }

    /// What came of writing a table.
    private enum Outcome {
        case made(SymbolTable)
        case noFunctions
        case notWritten
    }

    /// Makes a table and keeps it; where it cannot be kept, in memory. Nil when its main source has no
    /// functions.
    private func make(
        _ key: String, _ source: Source, of holder: borrowing ImageFile,
        beside file: borrowing ImageFile
    ) throws(ImageError) -> SymbolTable? {
        let slot = cache.slot(key)
        if let target = slot.file() {
            switch try write(
                source, of: holder, beside: file, into: target, room: slot.room)
            {
            case .made(let table):
                cache.keep(slot)
                return table
            case .noFunctions: return nil
            case .notWritten: break  // the disk may be full, or nearly
            }
        }
        guard let target = try? OwnedDescriptor.memory(named: "symbols", contents: []),
            case .made(let table) = try write(source, of: holder, beside: file, into: target)
        else { return nil }
        return table
    }

    /// - Parameters:
    ///   - holder: has the source's table.
    ///   - file: the image, which adds what its own tables have.
    private func write(
        _ source: Source, of holder: borrowing ImageFile, beside file: borrowing ImageFile,
        into target: consuming OwnedDescriptor, room: Int = .max
    ) throws(ImageError) -> Outcome {
        let isWhole = source.origin == .symbolTable
        let goLines = isWhole ? GoLines() : (try? file.goLines()) ?? GoLines()
        let dynamic = isWhole ? nil : file.table(SectionHeader.dynamicSymbolTable)
        var origin = source.origin
        if origin == .dynamicSymbols {
            origin = !goLines.bytes.isEmpty ? .goLineTable : dynamic == nil ? .none : origin
        }
        let writer = SymbolTableWriter(
            target, origin: origin, source: source.detail, room: room)
        var builder = SymbolTableBuilder(writer, sections: file.sections)
        if let table = source.table {
            try builder.add(table, of: holder)
            guard !builder.isEmpty else { return .noFunctions }
        }
        if let dynamic { try builder.add(dynamic, of: file) }
        for stub in LinkageStubs(of: file, table: source.table, in: holder).stubs {
            builder.add(name: "\(stub.name)@plt", start: stub.start, size: stub.size)
        }
        let lines = goLines.bytes.span.bytes.extracting(droppingFirst: goLines.start)
        GoFunctionNames.forEach(in: lines, text: goLines.text) { start, end, name in
            builder.add(name: name, start: start, size: end - start, rank: 7)
        }
        guard let table = builder.finish() else { return .notWritten }
        return .made(table)
    }

    /// What tells the file from all others: its build ID, or where it lies and when it was changed.
    private static func key(of file: borrowing ImageFile) -> String {
        if let id = file.buildID(), id.bytes.count >= 8 { return id.hexadecimal }
        let version = file.version
        let (device, inode) = (version.identity.device, version.identity.inode)
        return "\(device)-\(inode)-\(version.byteCount)-\(version.changed)"
    }
}

extension ImageFile {
    /// The first section of this type that holds anything.
    fileprivate func table(_ type: UInt32) -> SectionHeader? {
        sections.first { $0.type == type && $0.size > 0 }
    }
}
