import Aggregation
import ProcessTracking
import ProfileModel
import Symbolication
import Testing

@Suite struct WindowAggregatorTests {
    private func sample(
        at time: UInt64 = 1, on cpu: UInt32 = 0, tgid: UInt32 = 10, tid: UInt32? = nil,
        hash: UInt64 = 1, kernel: [UInt64] = [], user: [UInt64] = [0x1000],
        kernelStop: StopReason = .endOfStack, userStop: StopReason = .endOfStack
    ) -> Sample {
        Sample(
            time: time, cpu: cpu, tgid: tgid, tid: tid ?? tgid, processStart: 1,
            command: CommandName("c"),
            cgroupID: 8, cgroup1ID: 9, stackHash: hash, kernelFrames: kernel, userFrames: user,
            kernelStop: kernelStop, userStop: userStop)
    }

    private func owner(_ sample: Sample) -> WindowAggregator.Owner {
        var tracker = ProcessTracker(bootOffset: 0)
        return WindowAggregator.Owner(tracker.process(of: sample).process)
    }

    private func add(
        _ sample: Sample, _ labels: LabelSet = Self.web, to aggregator: inout WindowAggregator,
        images: ImageTable = ImageTable(), frames: () -> [FrameReference]
    ) -> Bool {
        guard let series = aggregator.number(of: labels) else { return false }
        return aggregator.add(
            sample, series: series, owner: owner(sample), images: images, frames: frames)
    }

    private static let web = LabelSet([Label("service_name", "web")])
    private static let database = LabelSet([Label("service_name", "db")])
    private static let start = Timestamp(milliseconds: 10_000)

    @Test func `counts equal stacks of one series once, asking for their frames once`() {
        var aggregator = WindowAggregator(period: 5)
        var asked = 0
        for (labels, hash) in [(Self.web, 1), (Self.web, 1), (Self.web, 2), (Self.database, 1)]
            as [(LabelSet, UInt64)]
        {
            let sample = sample(hash: hash)
            let added = add(sample, labels, to: &aggregator) {
                asked += 1
                return [.unmapped(ProcessAddress(hash))]
            }
            #expect(added)
        }
        #expect(asked == 3)
        let window = aggregator.close(start: Self.start, durationMilliseconds: 10_000)
        #expect(window.series == [Self.web, Self.database])
        #expect(window.entries.map(\.count) == [2, 1, 1])
        #expect(window.sampleCount == 4)
        #expect(window.end.milliseconds == 20_000)
        let empty = aggregator.close(start: Self.start, durationMilliseconds: 10_000)
        #expect(empty.entries.isEmpty)
        #expect(empty.series.isEmpty)
    }

    @Test func `equal frames of a whole stack and of a cut one are two stacks`() {
        var aggregator = WindowAggregator(period: 5)
        for stop in [StopReason.notCode, .endOfStack, .endOfStack] {
            let sample = sample(userStop: stop)
            _ = add(sample, to: &aggregator) { [.cut(stop)] }
        }
        let window = aggregator.close(start: Self.start, durationMilliseconds: 10_000)
        #expect(window.entries.map(\.count) == [1, 2])
    }

    @Test func `a full window refuses new stacks and goes on counting known ones`() {
        var aggregator = WindowAggregator(period: 5, entryLimit: 1)
        let (known, new) = (sample(hash: 1), sample(hash: 2))
        var results: [Bool] = []
        for sample in [known, new, known, new] {
            results.append(add(sample, to: &aggregator) { [] })
        }
        #expect(results == [true, false, true, false])
        let window = aggregator.close(start: Self.start, durationMilliseconds: 1)
        #expect(window.sampleCount == 2)
    }

    @Test func `keeps each sample by itself where that is wanted, by its time in the window`() {
        var aggregator = WindowAggregator(period: 5, singleLimit: 4)
        let end: UInt64 = 7_000_000_000_000
        let times: [UInt64] = [
            end - 10_000_000_000, end - 9_999_999_000, end - 1, end - 10_020_000_000, end - 5000,
        ]
        for (index, time) in times.enumerated() {
            let sample = sample(
                at: time, on: UInt32(index), tgid: 10, tid: 10 + UInt32(index),
                hash: UInt64(index % 2))
            _ = add(sample, to: &aggregator) { [] }
        }
        let window = aggregator.close(start: Self.start, durationMilliseconds: 10_000, end: end)
        #expect(window.sampleCount == 5)
        #expect(window.singles.map(\.offset) == [0, 1, 9_999_999, 0], "late ones at the start")
        #expect(window.singles.map(\.entry) == [0, 1, 0, 1])
        #expect(window.singles.map(\.tid) == [10, 11, 12, 13])
        #expect(window.singles.map(\.cpu) == [0, 1, 2, 3])
        let next = sample(at: end + 3000)
        _ = add(next, to: &aggregator) { [] }
        let second = aggregator.close(
            start: window.end, durationMilliseconds: 10_000, end: end + 10_000_000_000)
        #expect(second.singles.map(\.offset) == [3])
    }

    @Test func `counts alone unless asked for more`() {
        var aggregator = WindowAggregator(period: 5)
        let sample = sample()
        _ = add(sample, to: &aggregator) { [] }
        let window = aggregator.close(start: Self.start, durationMilliseconds: 10_000)
        #expect(window.singles.isEmpty)
        #expect(MemoryLayout<Window.Single>.stride == 16)
    }

    @Test func `a full window has no series without a sample`() {
        var aggregator = WindowAggregator(period: 5, entryLimit: 1)
        let results = [(Self.web, 1), (Self.database, 1), (Self.web, 1)].map { labels, hash in
            add(sample(hash: hash), labels, to: &aggregator) { [] }
        }
        #expect(results == [true, false, true])
        let window = aggregator.close(start: Self.start, durationMilliseconds: 1)
        #expect(window.series == [Self.web])
    }

    @Test func `keeps each frame once, and the images that were in use`() {
        var images = ImageTable()
        let image = MappedImage(path: "/bin/x", file: FileIdentity(device: 1, inode: 2))
        _ = images.intern(MappedImage(path: "/bin/unused"))
        let id = images.intern(image)
        let frames: [FrameReference] = [
            .user(FileOffset(1), image: id, isReturnAddress: false),
            .user(FileOffset(1), image: id, isReturnAddress: true), .cut(.notCode),
        ]
        var aggregator = WindowAggregator(period: 5)
        for (hash, stack) in [(1, [0, 1, 2]), (2, [1]), (3, [2, 1, 1])] as [(UInt64, [Int])] {
            _ = add(sample(hash: hash), to: &aggregator, images: images) {
                stack.map { frames[$0] }
            }
        }
        let window = aggregator.close(start: Self.start, durationMilliseconds: 1)
        #expect(window.frames == frames)
        #expect(window.entries.map(\.frames) == [[0, 1, 2], [1], [2, 1, 1]])
        #expect(window.images == [id: image])
    }

    @Test func `ties frames to images, return addresses by the byte before`() {
        let image: ImageTable.ImageID = 7
        let sample = sample(
            kernel: [0xffff_0001, 0xffff_0002], user: [0x1000, 0x2000, 0x9000],
            userStop: .noFramePointer)
        var asked: [UInt64] = []
        let frames = sample.references { address in
            asked.append(address.value)
            return address.value < 0x3000 ? (image, FileOffset(address.value - 0x1000)) : nil
        }
        #expect(asked == [0x1000, 0x1fff, 0x8fff])
        #expect(
            frames == [
                .kernel(ProcessAddress(0xffff_0001), isReturnAddress: false),
                .kernel(ProcessAddress(0xffff_0002), isReturnAddress: true),
                .user(FileOffset(0), image: image, isReturnAddress: false),
                .user(FileOffset(0x1000), image: image, isReturnAddress: true),
                .unmapped(ProcessAddress(0x9000)), .cut(.noFramePointer),
            ])
    }

    @Test func `a kernel stack that was cut says so between the kernel's and the user's frames`() {
        let frames = sample(kernel: [0xffff_0001], kernelStop: .tooDeep).references { _ in nil }
        #expect(
            frames == [
                .kernel(ProcessAddress(0xffff_0001), isReturnAddress: false), .cut(.tooDeep),
                .unmapped(ProcessAddress(0x1000)),
            ])
    }

    @Test func `builds profiles whose values are samples times the period`() {
        var aggregator = WindowAggregator(period: 5)
        for hash in [1, 1, 2, 3] as [UInt64] {
            let sample = sample(hash: hash)
            _ = add(sample, to: &aggregator) {
                // Two hashes, one stack: what differs in addresses may be equal in names.
                [.unmapped(ProcessAddress(hash == 3 ? 2 : hash)), .cut(.tooDeep)]
            }
        }
        let window = aggregator.close(start: Self.start, durationMilliseconds: 10_000)
        let batch = ProfileBuilder().batch(from: window, names: Symbolicator())
        #expect(batch.profiles.count == 1)
        #expect(batch.profiles[0].labels == Self.web)
        #expect(batch.profiles[0].start == Self.start)
        let values = batch.profiles[0].values.map { value in
            (batch.table.locations(of: value.stack).flatMap(\.names).first ?? "", value.value)
        }.sorted { $0 < $1 }
        #expect(values.map(\.0) == ["0x1", "0x2"])
        #expect(values.map(\.1) == [10, 10])
        #expect(batch.table.locations.contains { $0.kind == .stopReason })
    }

    @Test func `tells how much of a process is whole, and why the rest is not`() {
        var health = ProcessHealth()
        for stop in [
            StopReason.endOfStack, .noFramePointer, .noFramePointer, .tooDeep, .noUserStack,
        ] {
            health.count(sample(userStop: stop))
        }
        #expect(health.samples == 5)
        #expect(health.whole == 2)
        #expect(health.topReasons.map(\.reason) == [.noFramePointer, .tooDeep])
        #expect(health.cgroupID == 8)
        #expect(health.cgroup1ID == 9)
    }
}
