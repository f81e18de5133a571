import Glibc
import Testing

@testable import LinuxSystem

@Suite struct CGroupTests {
    @Test func `reads the cgroups of a process in hybrid mode`() {
        let file = CGroupFile(
            """
            12:pids:/user.slice
            4:cpu,cpuacct:/a:b
            1:name=systemd:/user.slice/session-1.scope
            0::/user.slice/session-1.scope

            """)
        #expect(file.unified == "/user.slice/session-1.scope")
        #expect(
            file.legacy.map(\.controllers) == [["pids"], ["cpu", "cpuacct"], ["name=systemd"]])
        #expect(file.paths == ["/user.slice/session-1.scope", "/user.slice", "/a:b"])
    }

    @Test(arguments: ["", "x", "0:", "0::relative", "::"])
    func `skips lines that make no sense`(_ text: String) {
        #expect(CGroupFile(text).paths == [])
    }

    struct MountVector: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        let layout: CGroupMounts.Layout
        let unified: String?
        let pids: String?

        static let all = [
            MountVector(
                testDescription: "Debian 12, systemd",
                text:
                    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate",
                layout: .unified, unified: "/sys/fs/cgroup", pids: nil),
            MountVector(
                testDescription: "hybrid",
                text: """
                    31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                    39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
                    32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
                    40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
                    41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
                    """, layout: .hybrid, unified: "/sys/fs/cgroup/unified",
                pids: "/sys/fs/cgroup/pids"),
            MountVector(
                testDescription: "v1 only, a blank in the path",
                text: #"39 31 0:36 / /my\040cgroups/pids rw shared:1 master:2 - cgroup x rw,pids"#,
                layout: .legacy, unified: nil, pids: "/my cgroups/pids"),
            MountVector(
                testDescription: "in a container: the part comes first, the whole wins",
                text: """
                    30 23 0:26 /docker/x /a rw - cgroup2 cgroup2 rw
                    31 23 0:26 / /b rw - cgroup2 cgroup2 rw
                    32 23 0:26 / /c rw - cgroup2 cgroup2 rw
                    """, layout: .unified, unified: "/b", pids: nil),
            MountVector(
                testDescription: "none",
                text: "22 1 0:5 / /proc rw - proc proc rw\nrubbish\n- - -\n",
                layout: .none, unified: nil, pids: nil),
        ]
    }

    @Test(arguments: MountVector.all) func `finds the mounts`(_ vector: MountVector) {
        let mounts = CGroupMounts(mountInfo: vector.text)
        #expect(mounts.layout == vector.layout)
        #expect(mounts.unified?.mountPoint == vector.unified)
        #expect(mounts.legacy["pids"]?.mountPoint == vector.pids)
        #expect(mounts.legacy["rw"] == nil)
    }

    @Test func `a path is told from the root of its hierarchy`() {
        let whole = CGroupMounts.Mount(mountPoint: "/sys/fs/cgroup", root: "/")
        #expect(whole.cgroupPath(absolute: "/sys/fs/cgroup/a/b") == "/a/b")
        #expect(whole.cgroupPath(absolute: "/sys/fs/cgroup") == "/")
        #expect(whole.cgroupPath(absolute: "/sys/fs/cgroups") == nil)
        let part = CGroupMounts.Mount(mountPoint: "/mnt", root: "/docker/x")
        #expect(part.cgroupPath(absolute: "/mnt/b") == "/docker/x/b")
        #expect(part.cgroupPath(absolute: "/mnt") == "/docker/x")
    }

    @Test func `forgets what was not used longest, within its bound`() {
        var cache = RecentlyUsed<Int, Int>(limit: 100)
        for number in 0..<1000 {
            cache.set(number, for: number)
            #expect(cache.value(for: 0) == 0)
            #expect(cache.count <= 100)
        }
        #expect(cache.value(for: 999) == 999)
        #expect(cache.value(for: 500) == nil)
    }

    /// Which of the hierarchies is made a cgroup in.
    enum Hierarchy: CaseIterable { case unified, legacy }

    @Test(.enabled(if: isRoot), arguments: Hierarchy.allCases, [true, false])
    func `finds a cgroup by its id, and remembers it when it is gone`(
        _ hierarchy: Hierarchy, byHandle: Bool
    ) throws {
        let mounts = try CGroupMounts.current()
        let mount = hierarchy == .unified ? mounts.unified : mounts.legacy["pids"]
        guard let mount else { return }  // This machine has no such hierarchy.
        let name = "/hearth-test-\(getpid())-\(hierarchy)-\(byHandle)"
        let directory = mount.mountPoint + name
        try #require(mkdir(directory, 0o755) == 0)
        try #require(mkdir(directory + "/inner", 0o755) == 0)
        defer {
            rmdir(directory + "/inner")
            rmdir(directory)
        }
        var status = stat()
        try #require(stat(directory + "/inner", &status) == 0)
        let id = UInt64(status.st_ino)

        var found = try CGroupHierarchy(mount, limit: 1000, mayOpenHandles: byHandle)
        #expect(found.path(of: id) == name + "/inner")
        rmdir(directory + "/inner")
        #expect(found.path(of: id) == name + "/inner")
        // Somebody who asks for the first time is too late, and a wrong id has no path.
        var late = try CGroupHierarchy(mount, limit: 1000, mayOpenHandles: byHandle)
        #expect(late.path(of: id) == nil)
        #expect(late.path(of: 0) == nil)
        #expect(late.path(of: 1 << 60) == nil)
        try #require(stat(mount.mountPoint, &status) == 0)
        #expect(late.path(of: UInt64(status.st_ino)) == "/")
    }

    @Test(.enabled(if: isRoot)) func `learns every cgroup there is`() throws {
        let mounts = try CGroupMounts.current()
        try #require(mounts.layout != .none)
        var filesystem = CGroupFilesystem(mounts: mounts)
        filesystem.learnAll()
        let own = try ProcessFiles(tgid: UInt32(getpid())).cgroups()
        guard let mount = mounts.unified, let path = own.unified else { return }
        var status = stat()
        try #require(stat(mount.mountPoint + path, &status) == 0)
        #expect(filesystem.paths(unifiedID: UInt64(status.st_ino), legacyID: 0) == [path])
    }
}
