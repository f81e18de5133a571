package import ProfileModel

/// Every image that some process maps, once, under a number that is never given twice.
package struct ImageTable: Sendable {
    package typealias ImageID = Int32

    private var images: [ImageID: MappedImage] = [:]
    private var ids: [MappedImage: ImageID] = [:]
    private var next: ImageID = 0
    private var idle: Set<ImageID> = []

    package init() {}

    package var count: Int { images.count }

    /// Nil once the image has been removed.
    package subscript(id: ImageID) -> MappedImage? { images[id] }

    package func contains(_ id: ImageID) -> Bool { images.index(forKey: id) != nil }

    /// The number of an equal image, added when it is new.
    package mutating func intern(_ image: MappedImage) -> ImageID {
        if let id = ids[image] { return id }
        let id = next
        next &+= 1
        images[id] = image
        ids[image] = id
        return id
    }

    /// Removes images that are in use neither now nor at the last call; somebody may still hold the
    /// numbers of those that became idle in between.
    mutating func removeIdle(used: Set<ImageID>) {
        let unused = Set(images.keys).subtracting(used)
        for id in unused.intersection(idle) {
            if let image = images.removeValue(forKey: id) { ids[image] = nil }
        }
        idle = unused.subtracting(idle)
    }
}
