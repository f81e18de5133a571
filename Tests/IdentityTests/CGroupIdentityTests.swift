import Testing

@testable import Identity

/// Paths as kernels, runtimes and kubelets really write them, and what they mean.
struct CGroupVector: CustomTestStringConvertible, Sendable {
    let origin: String
    let path: String
    var service: String?
    var container: String?
    var unit: String?
    var pod: String?

    var testDescription: String { origin }

    static let id = "4f5e2a1b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f"
    static let short = "4f5e2a1b9c8d"
    static let uid = "6b2c3d4e-1f2a-4b5c-8d9e-0a1b2c3d4e5f"
    static let slicedUID = "6b2c3d4e_1f2a_4b5c_8d9e_0a1b2c3d4e5f"

    static func container(_ origin: String, _ path: String) -> CGroupVector {
        CGroupVector(origin: origin, path: path, service: short, container: id)
    }

    static func pod(_ origin: String, _ path: String) -> CGroupVector {
        CGroupVector(origin: origin, path: path, service: short, container: id, pod: uid)
    }

    static func unit(
        _ origin: String, _ path: String, _ service: String?, _ unit: String
    ) -> CGroupVector {
        CGroupVector(origin: origin, path: path, service: service, unit: unit)
    }

    static func nothing(_ origin: String, _ path: String) -> CGroupVector {
        CGroupVector(origin: origin, path: path)
    }

    static let all: [CGroupVector] = [
        // Containers
        container("Docker, cgroupfs driver", "/docker/\(id)"),
        container("Docker, systemd driver", "/system.slice/docker-\(id).scope"),
        container(
            "Docker, rootless",
            "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-\(id).scope"),
        container(
            "Docker in Docker: the inner one",
            "/docker/\(String(repeating: "a", count: 64))/docker/\(id)"),
        container("Podman, rootful", "/machine.slice/libpod-\(id).scope/container"),
        container(
            "Podman, rootless",
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-\(id).scope/container"),
        container("Podman, cgroupfs driver", "/libpod_parent/libpod-\(id)"),
        container("containerd, nerdctl, cgroupfs", "/default/\(id)"),
        container("containerd, nerdctl, systemd", "/system.slice/nerdctl-\(id).scope"),
        container("CRI-O without pods", "/crio-\(id).scope"),
        container("Amazon ECS on EC2", "/ecs/6e5a1a8f0c1b4d2e9f3a7b6c5d4e3f2a/\(id)"),
        container("seen from another cgroup namespace", "/../../docker/\(id)"),
        CGroupVector(
            origin: "Amazon ECS on Fargate",
            path:
                "/ecs/6e5a1a8f0c1b4d2e9f3a7b6c5d4e3f2a/6e5a1a8f0c1b4d2e9f3a7b6c5d4e3f2a-1234567890",
            service: "6e5a1a8f0c1b", container: "6e5a1a8f0c1b4d2e9f3a7b6c5d4e3f2a-1234567890"),
        CGroupVector(
            origin: "Podman Quadlet: known by its unit",
            path: "/system.slice/web.service/libpod-payload-\(id)",
            service: "web", container: id, unit: "web.service"),
        nothing(
            "Podman's monitor is not the container",
            "/machine.slice/libpod-conmon-\(id).scope"),
        nothing(
            "CRI-O's monitor is not the container",
            "/kubepods.slice/crio-conmon-\(id).scope"),
        nothing("an id that is too short", "/process_api/e5522245e34ecb932ca47dd4e1608b5b"),

        // Kubernetes
        pod("besteffort, cgroupfs", "/kubepods/besteffort/pod\(uid)/\(id)"),
        pod("burstable, cgroupfs", "/kubepods/burstable/pod\(uid)/\(id)"),
        pod("guaranteed, cgroupfs", "/kubepods/pod\(uid)/\(id)"),
        pod(
            "besteffort, systemd, containerd",
            "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod\(slicedUID).slice/cri-containerd-\(id).scope"
        ),
        pod(
            "burstable, systemd, CRI-O",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(slicedUID).slice/crio-\(id).scope"
        ),
        pod(
            "CRI-O with a container group of its own",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(slicedUID).slice/crio-\(id).scope/container"
        ),
        pod(
            "guaranteed, systemd, Docker",
            "/kubepods.slice/kubepods-pod\(slicedUID).slice/docker-\(id).scope"),
        pod(
            "kind: a kubelet inside Docker",
            "/docker/\(String(repeating: "b", count: 64))/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod\(slicedUID).slice/cri-containerd-\(id).scope"
        ),
        pod(
            "runc told to use systemd under a cgroupfs containerd",
            "/system.slice/containerd.service/kubepods-burstable-pod\(slicedUID).slice:cri-containerd:\(id)"
        ),
        CGroupVector(
            origin: "a static pod",
            path: "/kubepods/burstable/pod0123456789abcdef0123456789abcdef/\(id)",
            service: short, container: id, pod: "0123456789abcdef0123456789abcdef"),
        CGroupVector(
            origin: "a pod's own group", path: "/kubepods/burstable/pod\(uid)", pod: uid),
        nothing("a directory that only looks like a pod", "/pod\(uid)/x"),

        // Whole systems in containers
        CGroupVector(
            origin: "LXC 4, its init", path: "/lxc.payload.web/init.scope", service: "web",
            container: "web"),
        CGroupVector(
            origin: "LXC 4, a unit in it", path: "/lxc.payload.web/system.slice/nginx.service",
            service: "nginx", container: "web", unit: "nginx.service"),
        CGroupVector(
            origin: "LXC 3 and Proxmox", path: "/lxc/101/ns/system.slice/ssh.service",
            service: "ssh", container: "101", unit: "ssh.service"),
        nothing("LXC's monitor", "/lxc.monitor.web"),
        CGroupVector(
            origin: "nspawn from a shell", path: "/machine.slice/machine-buster.scope/payload",
            service: "buster", container: "buster"),
        CGroupVector(
            origin: "nspawn as a unit",
            path:
                "/machine.slice/systemd-nspawn@db1.service/payload/system.slice/postgresql@15-main.service",
            service: "postgresql", container: "db1", unit: "postgresql@15-main.service"),
        CGroupVector(
            origin: "libvirt",
            path: #"/machine.slice/machine-qemu\x2d1\x2ddebian12.scope/libvirt/emulator"#,
            service: "qemu-1-debian12", container: "qemu-1-debian12"),

        // systemd
        unit("a service", "/system.slice/nginx.service", "nginx", "nginx.service"),
        unit(
            "a template", "/system.slice/system-getty.slice/getty@tty1.service", "getty",
            "getty@tty1.service"),
        unit(
            "a delegated group", "/system.slice/nginx.service/workers/1", "nginx", "nginx.service"),
        unit(
            "a name with a blank in it", #"/system.slice/my\x20app.service"#, "my app",
            #"my\x20app.service"#),
        unit(
            "a user's service",
            "/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service", "foo",
            "foo.service"),
        unit(
            "a user's manager is no service",
            "/user.slice/user-1000.slice/user@1000.service/init.scope", nil, "user@1000.service"),
        unit(
            "an application that a desktop started",
            "/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-2214.scope", nil,
            "user@1000.service"),
        unit(
            "snap", "/system.slice/snap.lxd.daemon.service", "snap.lxd.daemon",
            "snap.lxd.daemon.service"),
        unit("a mount helper", "/system.slice/home.mount", nil, "home.mount"),
        nothing("a login session", "/user.slice/user-1000.slice/session-3.scope"),
        nothing("systemd itself", "/init.scope"),
        nothing("the root", "/"),
        nothing("no path", ""),
        nothing("only a suffix", "/.service"),
    ]
}

@Suite struct CGroupIdentityTests {
    @Test(arguments: CGroupVector.all)
    func `reads what a cgroup's path says`(_ vector: CGroupVector) {
        let identity = CGroupIdentity(path: vector.path)
        #expect(identity.serviceName == vector.service)
        #expect(identity.containerID == vector.container)
        #expect(identity.systemdUnit == vector.unit)
        #expect(identity.podUID == vector.pod)
    }
}
