/// A dictionary of locations and of stacks over them, shared by the profiles of one batch or answer.
///
/// Both are numbered densely in first-seen order. A stack trace is a list of location ids, leaf first.
package struct StackTable: Sendable {
    package typealias LocationID = Int32
    package typealias StackID = Int32

    package private(set) var locations: [Location] = []
    package private(set) var stacks: [[LocationID]] = []
    private var locationIDs: [Location: LocationID] = [:]
    private var stackIDs: [[LocationID]: StackID] = [:]

    package init() {}

    /// The id of an equal location, added when it is new.
    package mutating func intern(_ location: Location) -> LocationID {
        if let id = locationIDs[location] { return id }
        let id = LocationID(locations.count)
        locations.append(location)
        locationIDs[location] = id
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
}
