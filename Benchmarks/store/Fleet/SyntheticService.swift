import Glibc
package import ProfileModel

/// One application of the synthetic fleet: 5,000 stacks, drawn from by Zipf's law with exponent 1.
///
/// The stacks grow as a tree: each takes a random earlier one, keeps its outer part and adds some nine
/// frames of its own, walking a call graph in which a function calls six others. A location is a
/// function and a line, as with debug information: the line of a call, or one of eight in a leaf.
package struct SyntheticService: Sendable {
    package let labels: LabelSet
    /// Distinct frames: function number and line.
    private let frames: [(function: Int32, line: UInt32)]
    /// Leaf first, indexes into `frames`.
    private let stacks: [[Int32]]
    private let names: FunctionNames
    private let module: String
    private let buildID: BuildID?

    package static let stackCount = 5_000
    /// Distinct stacks of one profile.
    package static let stacksPerProfile = 300
    /// Nanoseconds of CPU one sample stands for.
    package static let period: Int64 = 10_000_000

    /// Functions a service uses, and how many of them are the machine's: kernel, C library, runtime.
    private static let functionCount = 2_000
    private static let sharedFunctions = 600
    private static let callees = 6

    package init(number: Int, names: FunctionNames) {
        var random = Random(seed: UInt64(number) &* 7919 &+ 1)
        var frames = Frames()
        // The shared functions, and a slice of all others: what two services have in common.
        let own = (0..<Self.functionCount).map { place in
            place < Self.sharedFunctions
                ? Int32(place)
                : Int32(
                    Self.sharedFunctions + (number * 97 + place * 7)
                        % (names.count - Self.sharedFunctions))
        }
        // Root first while they grow.
        var paths: [[Int32]] = [[0]]
        while paths.count < Self.stackCount {
            let model = paths[Int.random(in: 0..<paths.count, using: &random)]
            let kept = Int.random(in: max(1, model.count * 2 / 5)...model.count, using: &random)
            var path = Array(model.prefix(kept))
            for _ in 0..<Int.random(in: 4...14, using: &random) {
                path.append(Self.callee(of: path.last ?? 0, using: &random))
            }
            if path.count <= 64 { paths.append(path) }
        }
        stacks = paths.map { path in
            let leafLine = UInt32.random(in: 1...8, using: &random)
            return path.indices.reversed().map { depth in
                // A call stands in the line that calls this function; a leaf in any of its own.
                let line =
                    depth + 1 < path.count ? UInt32(path[depth + 1] % 97 + 10) : leafLine
                return frames.number(of: own[Int(path[depth])], line: line)
            }
        }
        self.frames = frames.all
        self.names = names
        module = "service-\(number)"
        buildID = BuildID((0..<20).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) })
        labels = LabelSet([
            Label(LabelSet.serviceName, "service-\(number)"), Label("host", "node-\(number % 40)"),
            Label("comm", "worker-\(number)"), Label("exe", "/usr/bin/service-\(number)"),
        ])
    }

    /// A function calls the same few others, some far more often than the rest.
    private static func callee(of function: Int32, using random: inout Random) -> Int32 {
        let choice = Int(pow(Double(callees + 1), random.fraction())) - 1
        var mixed = Random(seed: UInt64(function) &* 31 &+ UInt64(choice))
        return Int32.random(in: 0..<Int32(functionCount), using: &mixed)
    }

    /// Distinct frames, numbered as they come.
    private struct Frames {
        var all: [(function: Int32, line: UInt32)] = []
        private var ids: [UInt64: Int32] = [:]

        mutating func number(of function: Int32, line: UInt32) -> Int32 {
            let key = UInt64(function) << 32 | UInt64(line)
            if let id = ids[key] { return id }
            let id = Int32(all.count)
            ids[key] = id
            all.append((function, line))
            return id
        }
    }

    package var meanDepth: Double {
        Double(stacks.reduce(0) { $0 + $1.count }) / Double(stacks.count)
    }

    /// Ten seconds of it: draws until 300 distinct stacks were seen.
    package func profile(
        at start: Timestamp, random: inout Random, into table: inout StackTable
    ) -> Profile {
        var counts: [Int: Int64] = [:]
        while counts.count < Self.stacksPerProfile {
            let share = random.fraction()
            // Zipf with exponent 1: the rank's logarithm is uniform.
            let rank = min(Int(pow(Double(Self.stackCount), share)) - 1, Self.stackCount - 1)
            counts[rank, default: 0] += 1
        }
        let image = table.intern(StackTable.Image(module: module, buildID: buildID))
        var locations = [StackTable.LocationID](repeating: -1, count: frames.count)
        let values = counts.sorted { $0.key < $1.key }.map { rank, count in
            let stack = stacks[rank].map { id in
                if locations[Int(id)] >= 0 { return locations[Int(id)] }
                let frame = frames[Int(id)]
                let function = table.intern(names[Int(frame.function)])
                locations[Int(id)] = table.intern(
                    kind: .native, image: image,
                    lines: [.init(function: function, number: frame.line)])
                return locations[Int(id)]
            }
            return StackValue(stack: table.intern(stack: stack), value: count * Self.period)
        }
        return Profile(
            labels: labels, type: .cpu, start: start, durationMilliseconds: 10_000,
            period: Self.period, values: values)
    }
}
