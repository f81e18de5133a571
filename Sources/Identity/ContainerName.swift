/// A component of a cgroup path that stands for a container.
///
///     docker-<id>.scope  cri-containerd-<id>.scope  crio-<id>.scope  libpod-<id>.scope   systemd driver
///     <id>  crio-<id>  libpod-<id>  libpod-payload-<id>                                  cgroupfs driver
///     lxc.payload.<name>  lxc/<name>  machine-<name>.scope  systemd-nspawn@<name>.service   whole systems
///
/// An id has 64 hexadecimal digits; ECS on Fargate writes 32 and a number.
struct ContainerName: Hashable {
    let id: String
    /// What people see: 12 digits, as `docker ps` shows, or the whole name.
    let shortName: String
    /// Whether the container is split off the unit whose cgroup it lies in.
    let belongsToUnit: Bool

    private static let idLength = 64
    private static let shortLength = 12

    /// Nil for anything else, and for the monitors that runtimes keep beside a container.
    ///
    /// `parent` is the component before; empty for the first.
    init?(_ component: Substring, parent: Substring) {
        if let name = parent == "lxc" ? String(component) : Self.systemName(component) {
            self.init(id: name, shortName: name, belongsToUnit: false)
            return
        }
        let stem = component.hasSuffix(".scope") ? component.dropLast(6) : component
        guard !stem.contains("conmon-") else { return nil }
        if Self.isFargateTask(stem) {
            self.init(
                id: String(stem), shortName: String(stem.prefix(Self.shortLength)),
                belongsToUnit: false)
            return
        }
        let id = stem.suffix(Self.idLength)
        let prefix = stem.dropLast(Self.idLength)
        guard id.utf8.count == Self.idLength, id.utf8.allSatisfy(Self.isDigit),
            prefix.isEmpty || prefix.hasSuffix("-")
        else { return nil }
        self.init(
            id: String(id), shortName: String(id.prefix(Self.shortLength)),
            belongsToUnit: prefix == "libpod-payload-")
    }

    private init(id: String, shortName: String, belongsToUnit: Bool) {
        self.id = id
        self.shortName = shortName
        self.belongsToUnit = belongsToUnit
    }

    /// LXC and systemd-machined name what they run; the name is all there is.
    private static func systemName(_ component: Substring) -> String? {
        let name: Substring
        if component.hasPrefix("lxc.payload.") {
            name = component.dropFirst("lxc.payload.".count)
        } else if component.hasPrefix("machine-"), component.hasSuffix(".scope") {
            name = component.dropFirst("machine-".count).dropLast(".scope".count)
        } else if component.hasPrefix("systemd-nspawn@"), component.hasSuffix(".service") {
            name = component.dropFirst("systemd-nspawn@".count).dropLast(".service".count)
        } else {
            return nil
        }
        return name.isEmpty ? nil : SystemdUnit.unescaped(name)
    }

    /// `/ecs/<task>/<task>-<number>`
    private static func isFargateTask(_ stem: Substring) -> Bool {
        let parts = stem.utf8.split(separator: UInt8(ascii: "-"))
        return parts.count == 2 && parts[0].count == 32 && parts[0].allSatisfy(isDigit)
            && (4...12).contains(parts[1].count)
            && parts[1].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
