/// Keeps what was made last, within a number of bytes: what was used longest ago goes first.
struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        let value: Value
        let byteCount: Int
        var lastUsed: UInt64
    }

    private var slots: [Key: Slot] = [:]
    private let byteLimit: Int
    private var clock: UInt64 = 0
    private(set) var byteCount = 0

    /// What a slot itself takes, about.
    private static var slotBytes: Int { MemoryLayout<Slot>.stride + 64 }

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    mutating func value(for key: Key) -> Value? {
        guard let slot = slots[key] else { return nil }
        clock += 1
        slots[key]?.lastUsed = clock
        return slot.value
    }

    /// Keeps a value, also one that is larger than the limit, until another comes.
    mutating func insert(_ value: Value, for key: Key, byteCount: Int) {
        remove(key)
        clock += 1
        let size = byteCount + Self.slotBytes
        slots[key] = Slot(value: value, byteCount: size, lastUsed: clock)
        self.byteCount += size
        if self.byteCount > byteLimit { evict(keeping: key) }
    }

    mutating func removeAll() {
        slots = [:]
        byteCount = 0
    }

    private mutating func remove(_ key: Key) {
        guard let old = slots.removeValue(forKey: key) else { return }
        byteCount -= old.byteCount
    }

    /// Down to three quarters, so that not every insertion sorts.
    private mutating func evict(keeping newest: Key) {
        let old = slots.filter { $0.key != newest }.sorted { $0.value.lastUsed < $1.value.lastUsed }
        for (key, _) in old {
            guard byteCount > byteLimit / 4 * 3 else { return }
            remove(key)
        }
    }
}
