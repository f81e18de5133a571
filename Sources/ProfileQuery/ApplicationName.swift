import ProfileModel

/// An application as Pyroscope 0.x named it: `service.suffix`, the suffix saying what was measured.
///
/// Several profile types may stand for one suffix, since senders differ in the period's type: pprof
/// says `memory:alloc_space:bytes:space:bytes`, other formats `memory:alloc_space:bytes::`.
enum ApplicationName {
    /// What a suffix says: the metric, and what of it.
    struct Measure: Hashable, Sendable {
        let suffix: String
        let name: String
        let sampleTypes: [String]
        /// What is meant when nothing is stored.
        let type: ProfileType

        init(_ suffix: String, _ id: String, or alternatives: String...) {
            let type = ProfileType(id: id) ?? .cpu
            self.suffix = suffix
            self.type = type
            name = type.name
            sampleTypes = [type.sampleType] + alternatives
        }

        func fits(_ type: ProfileType) -> Bool {
            type.name == name && sampleTypes.contains(type.sampleType)
        }
    }

    /// The first of equal meaning is the one that is listed.
    static let measures = [
        Measure("cpu", ProfileType.cpu.id),
        Measure("itimer", ProfileType.cpu.id),
        Measure("off_cpu", "off_cpu:off_cpu:nanoseconds::"),
        Measure("wall", "wall:wall:nanoseconds:cpu:nanoseconds"),
        Measure("seconds", "wall:wall:nanoseconds:cpu:nanoseconds"),
        Measure("milliseconds", "wall:wall:nanoseconds:cpu:nanoseconds"),
        Measure("microseconds", "wall:wall:nanoseconds:cpu:nanoseconds"),
        Measure("nanoseconds", "wall:wall:nanoseconds:cpu:nanoseconds"),
        Measure("inuse_objects", "memory:inuse_objects:count::"),
        Measure("inuse_space", "memory:inuse_space:bytes::"),
        Measure("alloc_objects", "memory:alloc_objects:count::"),
        Measure("alloc_space", "memory:alloc_space:bytes::"),
        Measure("alloc_in_new_tlab_objects", "memory:alloc_in_new_tlab_objects:count::"),
        Measure("alloc_in_new_tlab_bytes", "memory:alloc_in_new_tlab_bytes:bytes::"),
        Measure("alloc_outside_tlab_objects", "memory:alloc_outside_tlab_objects:count::"),
        Measure("alloc_outside_tlab_bytes", "memory:alloc_outside_tlab_bytes:bytes::"),
        Measure("live", "memory:live:count::"),
        Measure("goroutines", "goroutine:goroutines:count::", or: "goroutine"),
        Measure("mutex_count", "mutex:contentions:count::"),
        Measure("mutex_duration", "mutex:delay:nanoseconds::"),
        Measure("block_count", "block:contentions:count::"),
        Measure("block_duration", "block:delay:nanoseconds::"),
        Measure("lock_count", "block:contentions:count::"),
        Measure("lock_duration", "block:delay:nanoseconds::"),
        Measure("exceptions", "exceptions:samples:count::"),
        Measure("bytes", "memory:samples:bytes::"),
    ]

    /// How a service's profiles of a type are called; unknown types go by their sample type.
    static func name(service: String, _ type: ProfileType) -> String {
        let measure = measures.first { $0.fits(type) }
        return "\(service).\(measure?.suffix ?? type.sampleType)"
    }

    /// What a name can mean, the likeliest first: a service and which of its types; and the type that is
    /// meant when nothing is stored.
    static func meanings(of name: String) -> [(service: String, type: ProfileType, fits: Fitting)] {
        let whole: (String, ProfileType, Fitting) = (name, .cpu, { $0 == .cpu })
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return [whole] }
        let (service, suffix) = (String(name[..<dot]), String(name[name.index(after: dot)...]))
        guard let measure = measures.first(where: { $0.suffix == suffix }) else {
            // An unknown suffix belongs to the service's name, unless only a sample type is so called.
            return [whole, (service, .cpu, { $0.sampleType == suffix })]
        }
        return [(service, measure.type, { measure.fits($0) }), whole]
    }

    typealias Fitting = @Sendable (ProfileType) -> Bool
}
