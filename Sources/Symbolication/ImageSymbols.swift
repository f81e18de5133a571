import Demangling
import ELFImage
import ImageFiles
import ProfileModel

/// One image's names, ready for look-ups. Owned by the symbolicator's cache.
///
/// Functions that were asked for once are kept when the table has to go: profiles ask for the same
/// ones again and again, so the file is read again only for a new one.
struct ImageSymbols {
    private let segments: [ProgramHeader]
    private let module: String
    let buildID: BuildID?
    /// Nil while its memory is needed for others.
    private(set) var table: SymbolTable?
    /// Nil when the image has none, or as `table`.
    private var debug: ImageDebugInfo?
    /// Where names come from.
    let origin: SymbolOrigin
    /// Where in particular: a debug file's path.
    let source: String
    let hasDebugInfo: Bool
    /// How names are shown.
    private let style: NameStyle
    /// Sorted, disjoint.
    private var functions: [NamedRange] = []
    /// Of an image with debug information, by address.
    private var inlined: [UInt64: Location] = [:]
    /// Addresses in no function.
    private var nameless: Set<UInt64> = []
    var lastUsed: UInt64 = 0
    /// Which file it was read from; nil for the vDSO.
    let version: FileVersion?
    /// When that was seen last (CLOCK_MONOTONIC).
    var checked: UInt64 = 0

    private struct NamedRange {
        let start: UInt64
        let end: UInt64
        let location: Location
    }

    /// What a file says of an address.
    enum Answer {
        case location(Location)
        /// Only the table can tell, and it is not here.
        case needsTable
    }

    /// Beyond this many distinct functions, or nameless addresses, of one image the memory is started anew:
    /// a C++ function's names take half a kilobyte, and looking them up again some microseconds.
    private static let memoryLimit = 4096

    init(
        segments: [ProgramHeader], table: SymbolTable, debug: ImageDebugInfo?, module: String,
        buildID: BuildID?, version: FileVersion? = nil, style: NameStyle = .full
    ) {
        self.style = style
        self.version = version
        self.segments = segments
        self.table = table
        self.debug = debug
        self.module = module
        self.buildID = buildID
        origin = table.origin
        source = table.source
        hasDebugInfo = debug != nil
    }

    /// Bytes that `dropTable` would give back.
    var tableBytes: Int { (table?.heldBytes ?? 0) + (debug?.byteCount ?? 0) }
    /// Whether files are held open.
    var holdsFiles: Bool { debug != nil }

    /// Gives memory and files back; what was asked for stays known.
    mutating func dropTable() {
        table = nil
        debug = nil
    }

    /// Takes in again what another reading of the file brought.
    mutating func restore(_ other: ImageSymbols) {
        table = other.table
        debug = other.debug
    }

    /// A return address is looked up one byte before: it belongs to the instruction after the call,
    /// which may be the first of another function.
    mutating func location(at offset: FileOffset, isReturnAddress: Bool) -> Answer {
        let address = segments.imageAddress(of: offset) ?? ImageAddress(offset.value)
        return location(at: address, isReturnAddress: isReturnAddress)
    }

    /// As the other, by the address that the linker gave.
    mutating func location(at address: ImageAddress, isReturnAddress: Bool) -> Answer {
        let lookup = ImageAddress(address.value &- (isReturnAddress ? 1 : 0))
        if hasDebugInfo { return inlinedLocation(at: address, lookup) }
        let place = firstFunction(endingAfter: lookup.value)
        if place < functions.count, functions[place].start <= lookup.value {
            return .location(functions[place].location)
        }
        let unnamed = Location(
            unnamed: address, kind: .native, module: module, buildID: buildID)
        if nameless.contains(lookup.value) { return .location(unnamed) }
        guard let table else { return .needsTable }
        guard let (name, range) = table.function(at: lookup) else {
            if nameless.count >= Self.memoryLimit { nameless = [] }
            nameless.insert(lookup.value)
            return .location(unnamed)
        }
        let function = Function(name: Demangler.displayName(name, style: style), systemName: name)
        let location = Location(
            named: [Line(function: function)], kind: .native, module: module, buildID: buildID)
        remember(range, location, at: lookup.value)
        return .location(location)
    }

    /// Each address has a line of its own, so what is kept is kept by address.
    private mutating func inlinedLocation(
        at address: ImageAddress, _ lookup: ImageAddress
    ) -> Answer {
        if let known = inlined[lookup.value] { return .location(known) }
        guard let table, debug != nil else { return .needsTable }
        let symbol = table.function(at: lookup)?.name
        var lines = debug?.lines(at: lookup, symbol: symbol, style: style) ?? []
        if lines.isEmpty, let symbol {
            lines = [
                Line(
                    function: Function(
                        name: Demangler.displayName(symbol, style: style), systemName: symbol))
            ]
        }
        let location =
            lines.isEmpty
            ? Location(unnamed: address, kind: .native, module: module, buildID: buildID)
            : Location(named: lines, kind: .native, module: module, buildID: buildID)
        if inlined.count >= Self.memoryLimit { inlined = [:] }
        inlined[lookup.value] = location
        return .location(location)
    }

    /// Symbols may overlap: what is kept is the part around the address that no other range has.
    private mutating func remember(_ range: Range<UInt64>, _ location: Location, at address: UInt64)
    {
        if functions.count >= Self.memoryLimit { functions = [] }
        let place = firstFunction(endingAfter: address)
        let start = place > 0 ? max(range.lowerBound, functions[place - 1].end) : range.lowerBound
        let end =
            place < functions.count
            ? min(range.upperBound, functions[place].start) : range.upperBound
        functions.insert(NamedRange(start: start, end: end, location: location), at: place)
    }

    private func firstFunction(endingAfter address: UInt64) -> Int {
        var low = 0
        var high = functions.count
        while low < high {
            let middle = (low + high) / 2
            if functions[middle].end > address { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
