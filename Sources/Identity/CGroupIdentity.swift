/// What a cgroup's path says about the application in it.
///
/// The path is read from the root; a name further down is nearer to the process and wins:
/// `/lxc.payload.web/system.slice/nginx.service` is nginx, in the container web.
package struct CGroupIdentity: Hashable, Sendable {
    /// The runtime's id, in full; a machine's or LXC container's name.
    package private(set) var containerID: String?
    /// The innermost unit that is not a scope or a slice, as systemd spells it.
    package private(set) var systemdUnit: String?
    /// In the usual form with dashes (32 digits for static pods, which have no other).
    package private(set) var podUID: String?
    /// Nil when the path names no application.
    package private(set) var serviceName: String?

    package init(path: String) {
        var isInPods = false
        var parent: Substring = ""
        for component in path.split(separator: "/") where component != ".." {
            // runc's own spelling when it is told to use systemd and cannot: slice:prefix:id.
            for part in component.split(separator: ":").prefix(3) {
                isInPods = isInPods || part.contains("kubepods")
                read(part, parent: parent, isInPods: isInPods)
                parent = part
            }
        }
    }

    /// 0: nothing said, 1: a unit, 2: a container, 3: a pod.
    package var specificity: Int {
        if podUID != nil { return 3 }
        if containerID != nil { return 2 }
        return systemdUnit == nil ? 0 : 1
    }

    private mutating func read(_ component: Substring, parent: Substring, isInPods: Bool) {
        if isInPods, let uid = KubernetesPod.uid(in: component) {
            podUID = uid
        } else if let container = ContainerName(component, parent: parent) {
            enter(container)
        } else if let unit = SystemdUnit(component) {
            systemdUnit = unit.name
            if let service = unit.serviceName { serviceName = service }
        }
    }

    private mutating func enter(_ container: ContainerName) {
        containerID = container.id
        // A container that a unit was written for (Podman's Quadlet) is known by the unit's name.
        if container.belongsToUnit, serviceName != nil { return }
        serviceName = container.shortName
        systemdUnit = nil
    }
}
