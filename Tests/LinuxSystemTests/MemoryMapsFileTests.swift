import Glibc
import LinuxSystem
import ProfileModel
import Testing

@Suite struct MemoryMapsFileTests {
    private static let text = """
        5581c0e00000-5581c0e2c000 r--p 00000000 fe:01 1835082                    /usr/bin/bash
        5581c0e2c000-5581c0ef2000 r-xp 0002c000 fe:01 1835082                    /usr/bin/bash
        5581c2a5e000-5581c2b9c000 rw-p 00000000 00:00 0                          [heap]
        7f0000000000-7f0000001000 rwxp 00000000 00:00 0 
        7f1c2a000000-7f1c2a028000 r-xs 00001000 103:100005 99 /tmp/with blank and\\012line (deleted)
        7ffd1b1f2000-7ffd1b1f4000 r-xp 00000000 00:00 0                          [vdso]
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

        """

    @Test func `reads every line`() {
        let entries = MemoryMapsFile(Array(Self.text.utf8)).entries
        #expect(entries.count == 7)
        #expect(
            entries.map(\.path) == [
                "/usr/bin/bash", "/usr/bin/bash", "[heap]", "",
                "/tmp/with blank and\nline (deleted)", "[vdso]", "[vsyscall]",
            ])
        #expect(entries.map(\.isExecutable) == [false, true, false, true, true, true, true])
        #expect(entries.map(\.isWritable) == [false, false, true, true, false, false, false])
        #expect(entries[1].start == ProcessAddress(0x5581_c0e2_c000))
        #expect(entries[1].end == ProcessAddress(0x5581_c0ef_2000))
        #expect(entries[1].fileOffset == FileOffset(0x2c000))
        #expect(entries[1].file == FileIdentity(device: 0xfe01, inode: 1_835_082))
        #expect(entries[2].file == nil)
        // As glibc puts large numbers together: makedev(0x103, 0x100005).
        #expect(entries[4].file == FileIdentity(device: 0x1_0001_0305, inode: 99))
    }

    @Test func `leaves out what is not executable when asked`() {
        let entries = MemoryMapsFile(Array(Self.text.utf8), executableOnly: true).entries
        #expect(entries.count == 5)
        #expect(entries.map(\.isExecutable) == [true, true, true, true, true])
    }

    @Test(arguments: [
        "", "\n\n", "rubbish", "10-20", "10-20 r-xp", "20-10 r-xp 0 0:0 0 /x", "10-10 r-xp 0 0:0 0",
        "10-20 r-xp 0 00 0 /x", "10-20 r-xp 0 0:0 z /x", "10-2g r-xp 0 0:0 0 /x",
        "fffffffffffffffff-fffffffffffffffff0 r-xp 0 0:0 0 /x", "-20 r-xp 0 0:0 0 /x", "10-20 r",
    ])
    func `skips lines that make no sense`(_ line: String) {
        #expect(MemoryMapsFile(Array(line.utf8)).entries.isEmpty)
    }

    @Test func `reads this very process`() throws {
        let maps = try ProcessFiles(tgid: UInt32(getpid())).memoryMaps()
        let function: @convention(c) () -> pid_t = getpid
        let here = ProcessAddress(unsafe unsafeBitCast(function, to: UInt64.self))
        let entry = maps.entries.first { $0.start <= here && here < $0.end }
        #expect(entry?.isExecutable == true)
    }
}
