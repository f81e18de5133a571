import ProfileModel

/// The numbers that a partition's functions and images have in an answer's table, so that each string
/// is looked at once however many locations name it.
struct SymbolNumbering {
    /// By the partition's numbers; -1 not looked up yet.
    private var functions: [Int32] = []
    private var images: [Int32] = []

    /// A location's number in the table, added when it is new; nil when it, or a symbol of it, cannot be
    /// read.
    mutating func intern(
        _ packed: ArraySlice<UInt8>, _ symbols: SymbolContent, in table: inout StackTable
    ) -> StackTable.LocationID? {
        guard var location = PackedLocation.numbers(packed.span.bytes),
            let image = image(location.image, symbols, in: &table)
        else { return nil }
        for index in location.lines.indices {
            let line = location.lines[index]
            guard let function = function(Int(line.function), symbols, in: &table) else {
                return nil
            }
            location.lines[index] = .init(function: function, number: line.number)
        }
        return table.intern(
            kind: location.kind, image: image, lines: location.lines, address: location.address)
    }

    private mutating func function(
        _ id: Int, _ symbols: SymbolContent, in table: inout StackTable
    ) -> Int32? {
        grow(&functions, to: symbols.functionCount)
        guard functions.indices.contains(id) else { return nil }
        if functions[id] < 0 {
            guard let function = symbols.function(id) else { return nil }
            functions[id] = table.intern(function)
        }
        return functions[id]
    }

    private mutating func image(
        _ id: Int, _ symbols: SymbolContent, in table: inout StackTable
    ) -> Int32? {
        grow(&images, to: symbols.imageCount)
        guard images.indices.contains(id) else { return nil }
        if images[id] < 0 {
            guard let image = symbols.image(id) else { return nil }
            images[id] = table.intern(image)
        }
        return images[id]
    }

    private func grow(_ numbers: inout [Int32], to count: Int) {
        guard numbers.count < count else { return }
        numbers += Array(repeating: -1, count: count - numbers.count)
    }
}
