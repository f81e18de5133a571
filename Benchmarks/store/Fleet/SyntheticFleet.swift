package import ProfileModel

/// The synthetic day: 200 applications, windows of ten seconds.
package struct SyntheticFleet: Sendable {
    package let services: [SyntheticService]

    package init(services count: Int = 200) {
        let names = FunctionNames()
        services = (0..<count).map { SyntheticService(number: $0, names: names) }
    }

    /// One window of the first `count` services; the same for the same second.
    package func batch(at second: Int64, services count: Int) -> ProfileBatch {
        var random = Random(seed: UInt64(bitPattern: second))
        var table = StackTable()
        let start = Timestamp(milliseconds: second * 1000)
        let profiles = services.prefix(count).map {
            $0.profile(at: start, random: &random, into: &table)
        }
        return ProfileBatch(table: table, profiles: profiles)
    }
}
