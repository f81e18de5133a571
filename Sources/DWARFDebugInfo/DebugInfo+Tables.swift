// What is read once and kept: also that it is malformed, so as not to read it again.
extension DebugInfo {
    /// The functions of a unit, which is a split unit of the one at `key` or that one itself.
    mutating func functionTable(
        of unit: Unit, key: UInt64
    ) throws(DWARFError) -> FunctionTable {
        if let known = functions.value(for: key) { return try known.get() }
        let result: Result<FunctionTable, DWARFError>
        do { result = .success(try FunctionScan.functions(of: unit, in: &files)) } catch {
            if error.code == .unreadable { throw error }
            result = .failure(error)
        }
        functions.insert(result, for: key, byteCount: (try? result.get().byteCount) ?? 0)
        return try result.get()
    }

    /// The line table of a unit of the image; nil when it has none.
    mutating func lineTable(of unit: Unit) throws(DWARFError) -> LineTable? {
        guard let offset = unit.lines else { return nil }
        if let known = lines.value(for: offset) { return try known.get() }
        let result: Result<LineTable, DWARFError>
        do { result = .success(try LineTable(at: offset, of: unit, in: &files)) } catch {
            if error.code == .unreadable { throw error }
            result = .failure(error)
        }
        lines.insert(result, for: offset, byteCount: (try? result.get().byteCount) ?? 0)
        return try result.get()
    }

    /// Where the entries of a skeleton are.
    mutating func splitUnit(of skeleton: Unit) throws(DWARFError) -> Unit {
        let key = skeleton.header.offset
        if let known = splitUnits.value(for: key) { return try known.get() }
        let result: Result<Unit, DWARFError>
        do { result = .success(try findSplitUnit(of: skeleton)) } catch { result = .failure(error) }
        splitUnits.insert(result, for: key, byteCount: MemoryLayout<Unit>.stride)
        return try result.get()
    }

    private mutating func findSplitUnit(of skeleton: Unit) throws(DWARFError) -> Unit {
        if let packaged = try? files.packagedUnit(of: skeleton) { return packaged }
        guard let splitName = skeleton.splitName,
            let name = try files.text(splitName, in: skeleton)
        else { throw DWARFError(.noSplitUnit, in: .information, at: skeleton.header.offset) }
        let directory = try skeleton.directory.flatMap { value throws(DWARFError) in
            try files.text(value, in: skeleton)
        }
        let wanted = SplitUnitName(
            file: name, directory: directory ?? "", id: skeleton.splitID)
        guard let source = splitFile(wanted) else {
            throw DWARFError(.noSplitUnit, in: .information, at: skeleton.header.offset)
        }
        let (file, closed) = files.open(source)
        if closed != nil { splitUnits.removeAll() }
        return try files.splitUnit(of: skeleton, in: file)
    }
}
