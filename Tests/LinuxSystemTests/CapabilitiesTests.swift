import LinuxSystem
import Testing

@Suite struct CapabilitiesTests {
    @Test func `reads the effective set`() throws {
        let text = "Name:\tx\nCapInh:\t0000000000000000\nCapEff:\t000000c000080004\nCapBnd:\t1\n"
        let found = try #require(Capabilities(statusFile: text))
        #expect(
            Capability.allCases.filter(found.contains) == [
                .dacReadSearch, .sysPtrace, .perfmon, .bpf,
            ])
    }

    @Test(arguments: ["", "CapEff:", "CapEff:\txyz\n", "CapPrm:\t1\n"])
    func `says so when there is none`(_ text: String) {
        #expect(Capabilities(statusFile: text) == nil)
    }

    @Test func `this process has a set`() throws {
        let found = try Capabilities.effective()
        if isRoot { #expect(found.contains(.perfmon)) }
    }
}
