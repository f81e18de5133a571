import ProfileModel

/// What every batch of the crash test holds, so that its number alone says what must be stored.
struct CrashPlan {
    /// One window: of which service, which second, and what its stacks add up to.
    struct Window {
        let service: String
        let second: Int64
        let value: Int64
    }

    static let start: Int64 = 1_800_014_400
    static let windowSeconds: Int64 = 10

    /// When batch `number` was made.
    static func second(of number: Int64) -> Int64 { start + number * windowSeconds }

    /// Two services with a window of now; every fifth batch a window some three hours late, so that a
    /// batch lies in two partitions or in an hour that was rolled up; every seventh one equal to a
    /// window before, which is added to it.
    static func windows(of number: Int64) -> [Window] {
        func value(_ salt: Int64) -> Int64 { (number * 31 + salt) % 97 + 1 }
        var windows = [
            Window(service: "web", second: second(of: number), value: value(1)),
            Window(service: "db", second: second(of: number), value: value(2)),
        ]
        if number % 5 == 0, number >= 1_000 {
            windows.append(
                Window(service: "late", second: second(of: number - 1_000), value: value(3)))
        }
        if number % 7 == 0, number >= 3 {
            windows.append(Window(service: "web", second: second(of: number - 3), value: value(4)))
        }
        return windows
    }

    static func batch(_ number: Int64) -> ProfileBatch {
        var table = StackTable()
        let profiles = windows(of: number).map { window in
            // Two stacks, one of them new now and then.
            let names = ["main", "turn-\(number % 40)", "step-\(number)"]
            let locations = names.map { name in
                table.intern(
                    Location(
                        named: [Line(function: Function(name: name))], kind: .native, module: "m"))
            }
            let whole = table.intern(stack: locations.reversed())
            let short = table.intern(stack: [locations[1], locations[0]])
            return Profile(
                labels: LabelSet([Label(LabelSet.serviceName, window.service)]), type: .cpu,
                start: Timestamp(milliseconds: window.second * 1000),
                durationMilliseconds: 10_000, period: 10,
                values: [
                    StackValue(stack: whole, value: window.value * 10),
                    StackValue(stack: short, value: 10),
                ])
        }
        return ProfileBatch(table: table, profiles: profiles)
    }

    /// What all batches below `count` add up to, by service and second.
    static func sums(below count: Int64) -> [String: [Int64: Int64]] {
        var sums: [String: [Int64: Int64]] = [:]
        for number in 0..<count {
            for window in windows(of: number) {
                sums[window.service, default: [:]][window.second, default: 0] +=
                    window.value * 10 + 10
            }
        }
        return sums
    }
}
