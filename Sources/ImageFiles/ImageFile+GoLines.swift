import ByteReading
import ELFImage
package import ProfileModel
import Unwinding

/// Go's line table in a file.
package struct GoLines: Sendable {
    /// What holds it, up to the holder's end, and where in that the table begins.
    package internal(set) var bytes: [UInt8] = []
    package internal(set) var start = 0
    /// Where Go's code begins; nil: where the table says.
    package internal(set) var text: ImageAddress?

    /// None.
    package init() {}

    init(bytes: [UInt8], start: Int = 0, text: ImageAddress?) {
        self.bytes = bytes
        self.start = start
        self.text = text
    }
}

extension ImageFile {
    /// Empty when there is none.
    package func goLines() throws(ImageError) -> GoLines {
        if let own = ownGoLines {
            guard !own.isCompressed else { return GoLines() }
            let text =
                relocatedText(ofTablesAt: [own.address])?.text
                ?? section(named: ".text").map { ImageAddress($0.address) }
            return GoLines(bytes: try contents(of: own), text: text)
        }
        guard let holder = goLinesHolder, !holder.isCompressed else { return GoLines() }
        let bytes = try contents(of: holder)
        let starts = GoLineSearch.offsets(in: bytes.span.bytes)
        guard let first = starts.first else { return GoLines() }
        // `.text` is no help here: this linker puts C's code before Go's. The table's own word is, where
        // relocations are packed (RELR) and leave it in place.
        let addresses = starts.map { holder.address &+ UInt64($0) }
        let found = relocatedText(ofTablesAt: addresses)
        return GoLines(
            bytes: bytes, start: found.map { starts[$0.index] } ?? first, text: found?.text)
    }

    /// About how much has to be read for it.
    package var goLinesBytes: UInt64 { (ownGoLines ?? goLinesHolder)?.size ?? 0 }

    /// Go's own linker gives it a section, others keep that unless the file is a PIE.
    private var ownGoLines: SectionHeader? {
        section(named: ".gopclntab") ?? section(named: ".data.rel.ro.gopclntab")
    }

    /// What it is merged into in a PIE that has Go code, by its marks, but no section for the table.
    private var goLinesHolder: SectionHeader? {
        guard (section(named: ".note.go.buildid") ?? section(named: ".go.buildinfo")) != nil
        else { return nil }
        return section(named: ".data.rel.ro")
    }

    /// Where Go's code begins, and by which of the tables. The table says so itself, but in a PIE file
    /// only by a relocation (System V ABI, "Relocation"): 24 bytes of offset, type and addend,
    /// R_X86_64_RELATIVE is type 8.
    private func relocatedText(
        ofTablesAt addresses: [UInt64]
    ) -> (index: Int, text: ImageAddress)? {
        let textStart: UInt64 = 24  // in the table's header, Go 1.18 and later
        guard let relocations = section(named: ".rela.dyn") ?? section(named: ".rela"),
            let bytes = try? contents(of: relocations)
        else { return nil }
        var reader = ByteReader(bytes.span.bytes)
        while let offset = try? reader.read(UInt64.self), let type = try? reader.read(UInt64.self),
            let addend = try? reader.read(UInt64.self)
        {
            guard type == 8, let index = addresses.firstIndex(of: offset &- textStart) else {
                continue
            }
            return (index, ImageAddress(addend))
        }
        return nil
    }
}
