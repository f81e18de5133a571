package import ProfileModel

/// Writes `profile.proto` (github.com/google/pprof): what `go tool pprof` reads.
///
/// A CPU profile has two values per sample, as Go's own have: samples/count and cpu/nanoseconds.
package enum PprofEncoder {
    /// The message as files and HTTP bodies carry it: gzip.
    package static func encode(_ profile: MergedProfile) throws(GzipError) -> [UInt8] {
        try Gzip.compress(message(profile))
    }

    /// The bare message.
    package static func message(_ profile: MergedProfile) -> [UInt8] {
        var encoding = Encoding(profile)
        return encoding.run()
    }
}

private struct Encoding {
    private let profile: MergedProfile
    private var out = ProtobufWriter()
    private var strings: [String: UInt64] = ["": 0]
    private var stringList = [""]
    private var functions: [Function: UInt64] = [:]
    private var mappings: [Module: UInt64] = [:]

    /// What a pprof mapping stands for.
    private struct Module: Hashable {
        let name: String
        let buildID: BuildID?
    }

    init(_ profile: MergedProfile) { self.profile = profile }

    private var countsSamples: Bool { profile.type == .cpu && profile.period > 0 }

    // Field numbers of message Profile.
    mutating func run() -> [UInt8] {
        if countsSamples { valueType(1, "samples", "count") }
        valueType(1, profile.type.sampleType, profile.type.sampleUnit)
        for entry in profile.values where entry.value != 0 { sample(entry) }
        for (index, location) in profile.table.locations.enumerated() {
            self.location(location, id: UInt64(index + 1))
        }
        valueType(11, profile.type.periodType, profile.type.periodUnit)
        out.field(12, profile.period)
        if let range = profile.range {
            out.field(9, range.start.milliseconds &* 1_000_000)
            out.field(10, (range.end.milliseconds &- range.start.milliseconds) &* 1_000_000)
        }
        out.field(14, string(profile.type.sampleType))
        for text in stringList { out.field(6, Array(text.utf8)) }
        return out.bytes
    }

    private mutating func valueType(_ field: UInt64, _ type: String, _ unit: String) {
        let (type, unit) = (string(type), string(unit))
        out.message(field) {
            $0.field(1, type)
            $0.field(2, unit)
        }
    }

    private mutating func sample(_ entry: StackValue) {
        let stack = profile.table.stacks[Int(entry.stack)]
        var values = [UInt64(bitPattern: entry.value)]
        if countsSamples { values.insert(UInt64(bitPattern: entry.value / profile.period), at: 0) }
        out.message(2) {
            $0.packed(1, stack.map { UInt64($0) + 1 })
            $0.packed(2, values)
        }
    }

    private mutating func location(_ location: Location, id: UInt64) {
        let mapping = self.mapping(of: location)
        let lines =
            location.lines.isEmpty
            // A frame without a name would vanish from reports; it shows as module+0xoffset.
            ? [Line(function: Function(name: location.names[0]))] : location.lines
        let ids = lines.map { (function(of: $0.function), UInt64($0.number)) }
        out.message(4) {
            $0.field(1, id)
            $0.field(2, mapping)
            $0.field(3, location.address?.value ?? 0)
            for (function, line) in ids {
                $0.message(4) {
                    $0.field(1, function)
                    $0.field(2, line)
                }
            }
        }
    }

    private mutating func function(of function: Function) -> UInt64 {
        if let id = functions[function] { return id }
        let id = UInt64(functions.count + 1)
        functions[function] = id
        let texts = (string(function.name), string(function.systemName), string(function.file))
        out.message(5) {
            $0.field(1, id)
            $0.field(2, texts.0)
            $0.field(3, texts.1)
            $0.field(4, texts.2)
        }
        return id
    }

    private mutating func mapping(of location: Location) -> UInt64 {
        guard !location.module.isEmpty else { return 0 }
        let module = Module(name: location.module, buildID: location.buildID)
        if let id = mappings[module] { return id }
        let id = UInt64(mappings.count + 1)
        mappings[module] = id
        let name = string(module.name)
        let buildID = string(module.buildID?.hexadecimal ?? "")
        out.message(3) {
            $0.field(1, id)
            $0.field(5, name)
            $0.field(6, buildID)
            // Names are all there: pprof need not look for the file.
            $0.field(7, true)
        }
        return id
    }

    private mutating func string(_ text: String) -> UInt64 {
        if let id = strings[text] { return id }
        let id = UInt64(stringList.count)
        strings[text] = id
        stringList.append(text)
        return id
    }
}
