import CSampleABI

/// The rules of one image, each once; a row names one by its index.
struct RuleSet {
    static let uncovered: UInt16 = 0
    /// Always there, so that it fits when nothing else does.
    static let unsupported: UInt16 = 1

    private(set) var rules: [unwind_rule] = []
    /// Open addressing with linear probing: index + 1, or 0 where nothing is. A dictionary would
    /// take several times as long in debug builds, once per row.
    private var slots = [UInt16](repeating: 0, count: 64)
    private var last: UInt16 = 0

    init() {
        _ = index(of: .uncovered)
        _ = index(of: .unsupported)
    }

    /// The index of an equal rule, which is added when there is none; nil when the set is full.
    mutating func index(of rule: unwind_rule) -> UInt16? {
        let words = rule.words
        if Int(last) < rules.count, rules[Int(last)].words == words { return last }
        let slot = slot(of: words)
        if slots[slot] == 0 {
            guard rules.count < Int(MAX_RULES) else { return nil }
            rules.append(rule)
            slots[slot] = UInt16(rules.count)
            last = UInt16(rules.count - 1)
            if rules.count * 2 > slots.count { grow() }
        } else {
            last = slots[slot] - 1
        }
        return last
    }

    /// Where the rule is, or would be.
    private func slot(of words: (UInt64, UInt64)) -> Int {
        let mixed = (words.0 ^ words.1 &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
        var slot = Int(truncatingIfNeeded: mixed >> 32) & (slots.count - 1)
        while slots[slot] != 0, rules[Int(slots[slot]) - 1].words != words {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        slots = [UInt16](repeating: 0, count: slots.count * 2)
        for index in rules.indices {
            slots[slot(of: rules[index].words)] = UInt16(index + 1)
        }
    }
}
