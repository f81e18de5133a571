import Demangling
import ELFImage
import ProfileModel

/// One image's names, ready for look-ups. Owned by the symbolicator's cache.
struct ImageSymbols {
    private let segments: [ProgramHeader]
    private let table: SymbolTable
    private let module: String
    private let buildID: BuildID?
    /// Locations that were asked for, by the function's start: demangling is costly, and profiles
    /// ask for the same functions again and again.
    private var named: [UInt64: Location] = [:]
    var lastUsed: UInt64 = 0

    /// Beyond this many distinct functions of one image the memory is started anew.
    private static let memoryLimit = 65_536

    init(segments: [ProgramHeader], table: SymbolTable, module: String, buildID: BuildID?) {
        self.segments = segments
        self.table = table
        self.module = module
        self.buildID = buildID
    }

    var isEmpty: Bool { table.isEmpty }
    var byteCount: Int { table.byteCount }

    /// A return address is looked up one byte before: it belongs to the instruction after the call,
    /// which may be the first of another function.
    mutating func location(at offset: FileOffset, isReturnAddress: Bool) -> Location {
        let address = segments.imageAddress(of: offset) ?? ImageAddress(offset.value)
        let lookup = ImageAddress(address.value &- (isReturnAddress ? 1 : 0))
        guard let (name, start) = table.function(at: lookup) else {
            return Location(unnamed: address, kind: .native, module: module, buildID: buildID)
        }
        if let known = named[start.value] { return known }
        let function = Function(name: Demangler.displayName(name), systemName: name)
        let location = Location(
            named: [Line(function: function)], kind: .native, module: module, buildID: buildID)
        if named.count >= Self.memoryLimit { named = [:] }
        named[start.value] = location
        return location
    }
}
