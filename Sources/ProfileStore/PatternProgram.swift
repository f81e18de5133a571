/// A regular expression as a machine that may be in many states at once (Thompson's construction).
///
/// Every character of the text is looked at once, and for each the states that are active: so the
/// time is bounded by instructions × characters, whatever the pattern.
struct PatternProgram: Sendable {
    private enum Instruction: Sendable {
        case character(CharacterClass)
        case assertion(PatternAssertion)
        /// Continue at both.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    /// Longer programs are refused: `x{1000}` fits, `(x{1000}){1000}` does not.
    static let instructionLimit = 4000

    private var instructions: [Instruction] = []

    init(_ node: PatternNode) throws(PatternError) {
        try emit(node)
        try append(.match)
    }

    // MARK: Compiling

    @discardableResult
    private mutating func append(_ instruction: Instruction) throws(PatternError) -> Int {
        guard instructions.count < Self.instructionLimit else {
            throw PatternError("is too large: repetitions multiply to too many states")
        }
        instructions.append(instruction)
        return instructions.count - 1
    }

    private mutating func emit(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .character(let set): try append(.character(set))
        case .assertion(let assertion): try append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .alternatives(let nodes): try emit(alternatives: nodes[...])
        case .repetition(let node, let least, let most):
            for _ in 0..<least { try emit(node) }
            if let most {
                try emit(optional: node, times: most - least)
            } else {
                let split = try append(.split(0, 0))
                try emit(node)
                try append(.jump(split))
                instructions[split] = .split(split + 1, instructions.count)
            }
        }
    }

    private mutating func emit(alternatives: ArraySlice<PatternNode>) throws(PatternError) {
        var jumps: [Int] = []
        for (index, node) in alternatives.enumerated() {
            guard index < alternatives.count - 1 else {
                try emit(node)
                break
            }
            let split = try append(.split(0, 0))
            try emit(node)
            jumps.append(try append(.jump(0)))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func emit(optional node: PatternNode, times: Int) throws(PatternError) {
        var splits: [Int] = []
        for _ in 0..<max(times, 0) {
            splits.append(try append(.split(0, 0)))
            try emit(node)
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }

    // MARK: Running

    /// Whether the whole text matches.
    func matches(_ text: String.UnicodeScalarView) -> Bool {
        var current = StateSet(capacity: instructions.count)
        var next = StateSet(capacity: instructions.count)
        var rest = text.makeIterator()
        var scalar = rest.next()
        enter(0, in: &current, previous: nil, next: scalar)
        while let here = scalar {
            guard !current.states.isEmpty else { return false }
            scalar = rest.next()
            next.removeAll()
            for state in current.states {
                guard case .character(let set) = instructions[state], set.contains(here) else {
                    continue
                }
                enter(state + 1, in: &next, previous: here, next: scalar)
            }
            swap(&current, &next)
        }
        return current.states.contains {
            if case .match = instructions[$0] { true } else { false }
        }
    }

    /// Adds a state and all that are reached from it without reading a character.
    private func enter(
        _ state: Int, in set: inout StateSet, previous: Unicode.Scalar?, next: Unicode.Scalar?
    ) {
        var pending = [state]
        while let state = pending.popLast() {
            guard set.insert(state) else { continue }
            switch instructions[state] {
            case .character, .match: break
            case .jump(let target): pending.append(target)
            case .split(let first, let second): pending += [second, first]
            case .assertion(let assertion):
                if assertion.holds(between: previous, and: next) { pending.append(state + 1) }
            }
        }
    }

    /// States in insertion order, each once.
    private struct StateSet {
        private(set) var states: [Int] = []
        private var isMember: [Bool]

        init(capacity: Int) { isMember = Array(repeating: false, count: capacity) }

        mutating func insert(_ state: Int) -> Bool {
            guard !isMember[state] else { return false }
            isMember[state] = true
            states.append(state)
            return true
        }

        mutating func removeAll() {
            for state in states { isMember[state] = false }
            states.removeAll(keepingCapacity: true)
        }
    }
}
