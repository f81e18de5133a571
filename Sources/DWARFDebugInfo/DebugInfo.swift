package import ProfileModel

/// Functions, inlined ones among them, and lines of an image, from DWARF 2 to 5.
///
/// Made for some thousand addresses out of a gigabyte of `.debug_info`: reads the root of each unit
/// once, at the first question; of the units that were asked for, each entry once, to know where
/// functions are; then of each function only its own entries. What is kept is bounded.
///
/// Bytes may be hostile: nothing traps, and each question costs a bounded amount of work.
package struct DebugInfo: Sendable {
    var files: DebugFiles
    let splitFile: @Sendable (SplitUnitName) -> (any DebugSource)?
    private var index: Result<UnitIndex, DWARFError>?
    /// By the skeleton's offset in the image.
    var splitUnits: BoundedCache<UInt64, Result<Unit, DWARFError>>
    /// By the unit's offset in the image.
    var functions: BoundedCache<UInt64, Result<FunctionTable, DWARFError>>
    /// By the table's offset.
    var lines: BoundedCache<UInt64, Result<LineTable, DWARFError>>

    /// Units asked for one address. More than one has it only where ranges are wrong.
    private static let maximumCandidates = 4
    /// Units that do not say where their code is, in which functions are searched for it.
    private static let maximumSilentUnits = 1 << 12

    /// Reads nothing yet.
    ///
    /// - Parameters:
    ///   - image: the image's own sections, or those of the file that its debug link names.
    ///   - supplement: the file that `.gnu_debugaltlink` or `.debug_sup` names.
    ///   - package: the `.dwp` with the image's split units.
    ///   - byteBudget: what parsed tables may take in memory; the index of units comes on top.
    ///   - splitFile: finds the `.dwo` file of a unit that is not in the package.
    package init(
        _ image: any DebugSource, supplement: (any DebugSource)? = nil,
        package: (any DebugSource)? = nil, byteBudget: Int = 32 << 20,
        splitFile: @escaping @Sendable (SplitUnitName) -> (any DebugSource)? = { _ in nil }
    ) {
        files = DebugFiles(
            image, supplement: supplement, package: package, byteLimit: byteBudget / 8)
        self.splitFile = splitFile
        splitUnits = BoundedCache(byteLimit: byteBudget / 8)
        functions = BoundedCache(byteLimit: byteBudget / 4)
        lines = BoundedCache(byteLimit: byteBudget / 2)
    }

    /// What is held in memory.
    package var byteCount: Int {
        let indexBytes = (try? index?.get().byteCount) ?? 0
        return files.byteCount + indexBytes + splitUnits.byteCount
            + functions.byteCount + lines.byteCount
    }

    /// Entries, rows and list elements read so far, some 100 million a second: whoever asks may give an
    /// image up that costs more than its names are worth.
    package var entriesRead: UInt64 { files.budget.total }

    /// Gives back all but the index of units.
    package mutating func dropTables() {
        files.dropTables()
        splitUnits.removeAll()
        functions.removeAll()
        lines.removeAll()
    }

    /// The function at an address and those around it that it was inlined into, innermost first.
    ///
    /// Best effort: a part that is malformed leaves names or lines out. Empty where the debug
    /// information has nothing; throws where it is malformed and has nothing else.
    package mutating func frames(at address: ImageAddress) throws(DWARFError) -> [SourceFrame] {
        let index = try loadIndex()
        let (frames, problem) = frames(at: address.value, of: index)
        if let frames, frames.first?.function != nil || index.silent.isEmpty { return frames }
        if !index.silent.isEmpty {
            let (found, _) = self.frames(at: address.value, of: try searchSilentUnits(index))
            if let found = found ?? frames { return found }
        }
        if let problem { throw problem }
        return []
    }

    private mutating func loadIndex() throws(DWARFError) -> UnitIndex {
        if let index { return try index.get() }
        files.budget.renew()
        let result: Result<UnitIndex, DWARFError>
        do { result = .success(try UnitIndex(of: &files)) } catch { result = .failure(error) }
        index = result
        return try result.get()
    }

    /// Reads the functions of the units whose roots do not say where their code is.
    private mutating func searchSilentUnits(_ index: UnitIndex) throws(DWARFError) -> UnitIndex {
        var found: [(number: UInt32, range: Range<UInt64>)] = []
        files.budget.renew()
        for number in index.silent.prefix(Self.maximumSilentUnits) {
            guard let unit = try? files.unit(index.silentUnit(number), in: .image),
                let table = try? FunctionScan.functions(of: unit, in: &files)
            else { continue }
            guard found.count + table.rangeCount <= UnitIndex.maximumRanges else { break }
            table.forEachRange { found.append((number, $0)) }
        }
        var index = index
        try index.finish(found)
        self.index = .success(index)
        return index
    }

    /// Frames of the first unit that names a function, else of the first that has a line.
    private mutating func frames(
        at address: UInt64, of index: UnitIndex
    ) -> (frames: [SourceFrame]?, problem: DWARFError?) {
        var lineOnly: [SourceFrame]?
        var problem: DWARFError?
        for header in index.units(at: address).prefix(Self.maximumCandidates) {
            files.budget.renew()
            do {
                let frames = try frames(at: address, in: try files.unit(header, in: .image))
                if frames.first?.function != nil { return (frames, nil) }
                if !frames.isEmpty, lineOnly == nil { lineOnly = frames }
            } catch {
                problem = problem ?? error
            }
        }
        return (lineOnly, problem)
    }

    private mutating func frames(
        at address: UInt64, in unit: Unit
    ) throws(DWARFError) -> [SourceFrame] {
        let lines = try? lineTable(of: unit)
        let row = lines?.row(at: address)
        var chain: (entries: [Entry], unit: Unit)?
        do { chain = try self.chain(at: address, in: unit) } catch {
            guard row != nil else { throw error }
        }
        var file = row.map { UInt64($0.file) }
        var line = row?.line ?? 0
        var frames: [SourceFrame] = []
        func path() -> String {
            file.flatMap { lines?.path(of: $0, in: unit, &files) } ?? ""
        }
        guard let chain, !chain.entries.isEmpty else {
            return row == nil ? [] : [SourceFrame(function: nil, file: path(), line: line)]
        }
        for entry in chain.entries.reversed() {
            let (name, isLinkageName) = files.functionName(of: entry, in: chain.unit)
            frames.append(
                SourceFrame(
                    function: name, isLinkageName: isLinkageName, file: path(), line: line))
            file = entry.callFile
            line = UInt32(clamping: entry.callLine)
        }
        return frames
    }

    /// The narrowest function of the unit that has the address, with what was inlined around it.
    private mutating func chain(
        at address: UInt64, in unit: Unit
    ) throws(DWARFError) -> (entries: [Entry], unit: Unit)? {
        // Where the split unit is missing, some compilers leave the most needed in the skeleton.
        let entries = unit.splitName == nil ? unit : (try? splitUnit(of: unit)) ?? unit
        let table = try functionTable(of: entries, key: unit.header.offset)
        guard let function = table.functions(at: address).first else { return nil }
        let chain = try InlineChain(at: address, in: function, of: entries, &files)
        return (chain.entries, entries)
    }
}
