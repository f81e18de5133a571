extension DebugFiles {
    /// A `.dwo` file has one unit, or some when it was linked at once; type units beside it.
    private static let maximumUnitsOfSplitFile = 1 << 10

    /// The split unit of a skeleton, from the package; nil when that lacks it.
    mutating func packagedUnit(of skeleton: Unit) throws(DWARFError) -> Unit? {
        guard has(.package), let part = try SplitPackage.part(of: skeleton.splitID, in: &self)
        else { return nil }
        let (unit, _) = try parse(
            .information, in: .package, at: part.information,
            expecting: UnitHeader.largestByteCount
        ) { reader throws(DWARFError) in try UnitHeader.read(&reader) }
        let header = try unit.get()
        guard header.end <= byteCount(of: .information, in: .package) else {
            throw DWARFError(.badLength, in: .information, at: header.offset)
        }
        let root = try root(
            of: header, in: .package, abbreviations: part.abbreviations &+ header.abbreviations)
        return Unit(header, root, file: .package, part: part, of: skeleton)
    }

    /// The split unit of a skeleton, from its `.dwo` file. That the ids are the same tells that the
    /// file was not made anew since.
    mutating func splitUnit(
        of skeleton: Unit, in file: FileNumber
    ) throws(DWARFError) -> Unit {
        for header in try unitHeaders(of: file).prefix(Self.maximumUnitsOfSplitFile) {
            guard header.kind == .compile || header.kind == .splitCompile else { continue }
            if header.format.version >= 5, header.splitID != skeleton.splitID { continue }
            let root = try root(of: header, in: file, abbreviations: header.abbreviations)
            let id = header.format.version >= 5 ? header.splitID : root.splitID
            guard id == skeleton.splitID else { continue }
            return Unit(header, root, file: file, part: SplitPart(), of: skeleton)
        }
        throw DWARFError(.noSplitUnit, in: .information, at: skeleton.header.offset)
    }
}
