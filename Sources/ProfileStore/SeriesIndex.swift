import ProfileModel

/// Every series of the store, in memory, and the numbers the files know them by.
struct SeriesIndex: Sendable {
    struct Series: Sendable {
        /// Unique in the store, 1 to 2^31 - 1.
        let id: UInt32
        /// The number of the service whose dictionary its stacks are in.
        let service: UInt32
        let key: SeriesKey
    }

    private(set) var byID: [UInt32: Series] = [:]
    private var ids: [SeriesKey: UInt32] = [:]
    private var services: [String: UInt32] = [:]
    private var nextID: UInt32 = 1
    private var nextService: UInt32 = 1

    /// Numbers are a key's upper half, which must stay positive.
    static let idLimit = UInt32(Int32.max)

    var count: Int { byID.count }

    func find(_ key: SeriesKey) -> Series? { ids[key].flatMap { byID[$0] } }

    /// A series not there yet, with numbers of its own; `insert` makes it known.
    mutating func make(_ key: SeriesKey) throws(StoreError) -> Series {
        guard nextID < Self.idLimit else {
            throw StoreError(
                .database, "the store has had 2^31 series; start with a new data directory")
        }
        let name = key.labels[LabelSet.serviceName] ?? ""
        var service = services[name] ?? 0
        if service == 0 {
            service = nextService
            nextService += 1
            services[name] = service
        }
        defer { nextID += 1 }
        return Series(id: nextID, service: service, key: key)
    }

    mutating func insert(_ series: Series) {
        byID[series.id] = series
        ids[series.key] = series.id
        services[series.key.labels[LabelSet.serviceName] ?? ""] = series.service
        if series.id < Self.idLimit { nextID = max(nextID, series.id + 1) }
        if series.service < Self.idLimit { nextService = max(nextService, series.service + 1) }
    }

    mutating func remove(_ id: UInt32) {
        guard let series = byID.removeValue(forKey: id) else { return }
        ids[series.key] = nil
    }

    /// All that match, by number.
    func select(_ selection: LabelSelection) -> [Series] {
        byID.values.filter { selection.contains($0.key) }.sorted { $0.id < $1.id }
    }
}
