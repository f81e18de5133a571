import ProfileModel
import Testing

@testable import Identity

@Suite struct IdentityRulesTests {
    private let rules = IdentityRules(host: "node1")

    private func labels(
        _ command: String, _ executable: String = "", _ paths: [String] = [], kernel: Bool = false
    ) -> LabelSet {
        rules.labels(
            for: ProcessFacts(
                command: CommandName(command), executable: executable, cgroupPaths: paths,
                isKernelThread: kernel))
    }

    @Test func `a process in a unit has all that is known of it`() {
        let found = labels("nginx", "/usr/sbin/nginx", ["/system.slice/web.service"])
        #expect(
            found
                == LabelSet([
                    Label("service_name", "web"), Label("host", "node1"), Label("comm", "nginx"),
                    Label("exe", "/usr/sbin/nginx"), Label("cgroup", "/system.slice/web.service"),
                    Label("systemd_unit", "web.service"),
                ]))
    }

    @Test(arguments: [
        ("python3", "/usr/bin/python3.11", "python3.11"),
        ("a.out", "/home/me/a.out (deleted)", "a.out"),
        ("runner", "/memfd:payload (deleted)", "memfd:payload"),
        ("short-lived", "", "short-lived"),
        ("", "", "unknown"),
    ])
    func `without a telling cgroup the executable names the service`(
        command: String, executable: String, service: String
    ) {
        let found = labels(command, executable, ["/user.slice/user-0.slice/session-3.scope"])
        #expect(found["service_name"] == service)
        #expect(found["exe"]?.hasSuffix("(deleted)") != true)
    }

    @Test(arguments: [
        ("kworker/0:1-events", "kworker"), ("kworker/u8:3", "kworker"),
        ("ksoftirqd/1", "ksoftirqd"),
        ("irq/24-virtio0", "irq"), ("jbd2/vda1-8", "jbd2"), ("kthreadd", "kthreadd"),
        ("scsi_eh_0", "scsi_eh_0"),
    ])
    func `kernel threads are one service, told apart by kind`(command: String, kind: String) {
        let found = labels(command, "", ["/"], kernel: true)
        #expect(
            found
                == LabelSet([
                    Label("service_name", "kernel"), Label("host", "node1"), Label("comm", kind),
                ]))
    }

    @Test func `of several hierarchies the more specific path wins`() {
        let container = "/docker/\(CGroupVector.id)"
        for paths in [
            ["/", container], [container, "/"], ["/system.slice/docker.service", container],
            [container, "/system.slice/docker.service"], ["/", "/user.slice", container],
        ] {
            let found = labels("x", "/bin/x", paths)
            #expect(found["service_name"] == CGroupVector.short)
            #expect(found["container_id"] == CGroupVector.id)
            #expect(found["cgroup"] == container)
        }
        let deeper = labels("x", "/bin/x", ["/", "/user.slice/user-0.slice"])
        #expect(deeper["cgroup"] == "/user.slice/user-0.slice")
    }

    @Test func `labels that do not apply are absent`() {
        let found = labels("x", "/bin/x", [])
        #expect(found.labels.map(\.name) == ["comm", "exe", "host", "service_name"])
    }
}
