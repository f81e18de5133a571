/// A dictionary that forgets what was not asked for longest, in halves; it never holds more than `limit`.
///
/// Two generations: what is used moves to the young one, and when that has half the limit it
/// becomes the old one, whose entries go. No list to keep in order, and about as good.
struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(limit: Int) { self.limit = max(2, limit) }

    var count: Int { young.count + old.count }

    /// The value last set for `key`, which counts as a use.
    mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        set(value, for: key)
        return value
    }

    mutating func set(_ value: Value, for key: Key) {
        old[key] = nil
        young[key] = value
        guard young.count >= limit / 2 else { return }
        old = young
        young = [:]
    }
}
