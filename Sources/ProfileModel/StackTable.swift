/// A dictionary of locations and of stacks over them, shared by the profiles of one batch or answer.
///
/// All are numbered densely in first-seen order. A stack trace is a list of location ids, leaf first.
/// The functions and images that locations name are numbered too, so that a store looks at each
/// string once however many locations share it.
package struct StackTable: Sendable {
    package typealias LocationID = Int32
    package typealias StackID = Int32

    /// What a location's `module` and `buildID` say together.
    package struct Image: Hashable, Sendable {
        package let module: String
        package let buildID: BuildID?

        package init(module: String, buildID: BuildID?) {
            self.module = module
            self.buildID = buildID
        }
    }

    package private(set) var locations: [Location] = []
    package private(set) var stacks: [[LocationID]] = []
    package private(set) var functions: [Function] = []
    package private(set) var images: [Image] = []
    /// By location: the number of its image.
    package private(set) var locationImages: [Int32] = []
    /// By location: its kind.
    package private(set) var locationKinds: [FrameKind] = []
    /// All locations' lines, one location after another: their functions' numbers, and theirs.
    package private(set) var lineFunctions: [Int32] = []
    package private(set) var lineNumbers: [UInt32] = []
    /// By location: where its lines begin in `lineFunctions`.
    private var lineStarts: [Int32] = []
    private var locationIDs: [LocationKey: LocationID] = [:]
    private var stackIDs: [[LocationID]: StackID] = [:]
    private var functionIDs: [Function: Int32] = [:]
    private var imageIDs: [Image: Int32] = [:]

    package init() {}

    /// The id of an equal location, added when it is new.
    package mutating func intern(_ location: Location) -> LocationID {
        let image = intern(Image(module: location.module, buildID: location.buildID))
        let lines = location.lines.map {
            NumberedLine(function: intern($0.function), number: $0.number)
        }
        return intern(
            kind: location.kind, image: image, lines: lines, address: location.address)
    }

    /// One line of a location: a function's number in `functions`, and the line's.
    package struct NumberedLine: Hashable, Sendable {
        package let function: Int32
        package let number: UInt32

        package init(function: Int32, number: UInt32) {
            self.function = function
            self.number = number
        }
    }

    /// What a location is, in numbers; only the outer functions of inlined ones need an array.
    private struct LocationKey: Hashable {
        let kind: FrameKind
        let image: Int32
        let innermost: NumberedLine?
        let outer: [NumberedLine]
        let address: ImageAddress?

        // Two words tell nearly all apart; hashing every part took a fifth of a query.
        func hash(into hasher: inout Hasher) {
            let line = innermost ?? NumberedLine(function: -1, number: 0)
            hasher.combine(UInt64(UInt32(bitPattern: line.function)) << 32 | UInt64(line.number))
            hasher.combine((address?.value ?? 0) ^ UInt64(UInt32(bitPattern: image)) << 40)
        }
    }

    /// As `intern(_:)`, for who has numbered functions and images already: no string is looked at.
    /// `lines` innermost first; `address` only where there are none.
    package mutating func intern(
        kind: FrameKind, image: Int32, lines: [NumberedLine], address: ImageAddress? = nil
    ) -> LocationID {
        let key = LocationKey(
            kind: kind, image: image, innermost: lines.first,
            outer: lines.count > 1 ? Array(lines.dropFirst()) : [], address: address)
        if let id = locationIDs[key] { return id }
        let id = LocationID(locations.count)
        locationIDs[key] = id
        let module = images[Int(image)]
        if let address {
            locations.append(
                Location(
                    unnamed: address, kind: kind, module: module.module, buildID: module.buildID))
        } else {
            let named = lines.map {
                Line(function: functions[Int($0.function)], number: $0.number)
            }
            locations.append(
                Location(
                    named: named, kind: kind, module: module.module, buildID: module.buildID))
        }
        lineStarts.append(Int32(lineFunctions.count))
        for line in lines {
            lineFunctions.append(line.function)
            lineNumbers.append(line.number)
        }
        locationKinds.append(kind)
        locationImages.append(image)
        return id
    }

    /// The number of an equal function, added when it is new.
    package mutating func intern(_ function: Function) -> Int32 {
        if let id = functionIDs[function] { return id }
        let id = Int32(functions.count)
        functions.append(function)
        functionIDs[function] = id
        return id
    }

    /// The number of an equal image, added when it is new.
    package mutating func intern(_ image: Image) -> Int32 {
        // Locations of one image tend to come together.
        if let last = locationImages.last, images[Int(last)] == image { return last }
        if let id = imageIDs[image] { return id }
        let id = Int32(images.count)
        images.append(image)
        imageIDs[image] = id
        return id
    }

    /// The id of an equal stack, added when it is new. Leaf first; every id must be of this table.
    package mutating func intern(stack: [LocationID]) -> StackID {
        if let id = stackIDs[stack] { return id }
        let id = StackID(stacks.count)
        stacks.append(stack)
        stackIDs[stack] = id
        return id
    }

    /// A stack's locations, leaf first.
    package func locations(of stack: StackID) -> [Location] {
        stacks[Int(stack)].map { locations[Int($0)] }
    }

    /// Where a location's lines are in `lineFunctions` and `lineNumbers`, the innermost first.
    package func lines(of location: LocationID) -> Range<Int> {
        let start = Int(lineStarts[Int(location)])
        let next = Int(location) + 1
        let end = next < lineStarts.count ? Int(lineStarts[next]) : lineFunctions.count
        return start..<end
    }
}
