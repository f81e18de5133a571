import Glibc
import LinuxSystem
import ProfileModel
import Testing

@Suite struct ProcessFilesTests {
    static let rest =
        " S 1 10 10 0 -1 4194560 100 0 0 0 5 6 0 0 20 0 1 0 123456 1000 50 18446744073709551615 0"

    @Test(arguments: [
        "bash", "a b", "((", ") S 2 3 4", "", "new\nline", "kworker/0:1-events_power",
    ])
    func `finds the fields whatever the name holds`(_ name: String) throws {
        let status = try #require(ProcessStatus(statFile: Array("77 (\(name))\(Self.rest)\n".utf8)))
        #expect(status.tgid == 77)
        #expect(status.command == name)
        #expect(status.state == "S")
        #expect(status.parent == 1)
        #expect(status.startTicks == 123_456)
        #expect(!status.isKernelThread)
    }

    @Test func `knows kernel threads by their flag`() {
        let text = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 4 0 0"
        let status = ProcessStatus(statFile: Array(text.utf8))
        #expect(status?.isKernelThread == true)
        #expect(status?.startTicks == 4)
    }

    @Test func `rejects a file that is cut short`() {
        let whole = Array("77 (bash) S 1 10 10 0 -1 1 100 0 0 0 5 6 0 0 20 0 1 0".utf8)
        for count in 0..<whole.count {
            #expect(ProcessStatus(statFile: Array(whole.prefix(count))) == nil)
        }
    }

    @Test func `reads this very process`() throws {
        let files = ProcessFiles(tgid: UInt32(getpid()))
        let status = try files.status()
        #expect(status.tgid == files.tgid)
        #expect(status.parent == UInt32(getppid()))
        let started = status.startTicks * 10_000_000
        #expect(started < Clock.boot)
        let command = try files.command()
        #expect(command == CommandName(status.command))
        let executable = try files.executable()
        #expect(executable.hasPrefix("/"))
        let all = try ProcessFiles.all()
        #expect(all.contains(files.tgid))
        #expect(Set(all).count == all.count)
    }

    @Test func `knows the number in the innermost namespace, and the effective user`() {
        let text = "Name:\tNSpid:\t7\nPid:\t512\nUid:\t1000\t1001\t1002\t1003\nNSpid:\t512\t31\t7\n"
        let status = ProcessStatusFile(Array(text.utf8))
        #expect(status?.ownNumber == 7)
        #expect(status?.effectiveUser == 1001)
    }

    @Test(arguments: [
        "", "Uid:\t1\t2\t3\t4\n", "NSpid:\t7\n", "NSpid:\t\nUid:\t1\t2\t3\t4\n",
        "NSpid:\t7\nUid:\t1\t2\t3\n", "NSpid:\t7\nUid:\t1\t-2\t3\t4\n",
        "NSpid:\t99999999999\nUid:\t1\t2\t3\t4\n",
    ])
    func `a status file without numbers is none`(_ text: String) {
        #expect(ProcessStatusFile(Array(text.utf8)) == nil)
    }

    @Test func `opens files as the process sees them, but no links`() throws {
        let files = ProcessFiles(tgid: UInt32(getpid()))
        #expect(try files.statusFile().ownNumber == UInt32(getpid()))
        #expect(try files.statusFile().effectiveUser == geteuid())
        #expect(try files.startTime() < Clock.real)
        let file = try files.open(inRoot: "/bin/true")
        #expect(file.number >= 0)
        let link = "/tmp/hearth-link-\(getpid())"
        try #require(symlink("/bin/true", link) == 0)
        defer { unlink(link) }
        #expect(throws: SystemCallError("openat2", link, errno: ELOOP)) {
            _ = try files.open(inRoot: link)
        }
    }

    @Test func `a process that is gone is an error, not a guess`() {
        let files = ProcessFiles(tgid: 0x7fff_fff0)
        #expect(throws: SystemCallError.self) { try files.status() }
        #expect(throws: SystemCallError.self) { try files.memoryMaps() }
        #expect(throws: SystemCallError.self) { try files.cgroups() }
        #expect(throws: SystemCallError.self) { try files.executable() }
    }

    @Test func `the machine has a boot id and a name`() throws {
        let boot = try Machine.bootID()
        #expect(boot.utf8.count == 36)
        let name = try Machine.hostName()
        #expect(!name.isEmpty)
        #expect(Clock.bootOffset < 1 << 62)
    }
}
