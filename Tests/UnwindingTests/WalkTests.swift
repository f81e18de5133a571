import CSampleABI
import ELFImage
import ProfileModel
import Testing

@testable import Unwinding

/// A real stack, through the test's own images, by three unwinders that share nothing but bytes.
@Suite(.serialized) struct WalkTests {
    @Test func `rules, full call frame information and the C library agree`() throws {
        let snapshot = try #require(StackSnapshot.take())
        let images = Images()
        let byReference = walk(snapshot, images) { frame, image, address, bias in
            let (bytes, sectionAddress) = image.file.section(".eh_frame")
            let unwinder = ReferenceUnwinder(
                CallFrameSection(
                    .ehFrame, bytes: bytes.span.bytes, address: sectionAddress.value))
            let caller = try? unwinder.caller(
                of: frame, at: address, loadBias: bias, memory: snapshot.word)
            return caller.map { ($0.registers, $0.isInterrupted) }
        }
        let byRules = walk(snapshot, images) { frame, image, address, _ in
            RuleWalker.caller(of: frame, image.table.rule(at: address), memory: snapshot.word)
        }
        let interrupted = try #require(snapshot.registers.instructionPointer)
        let callers = snapshot.callers.drop { $0 != interrupted }
        #expect(callers.count > 10)
        #expect(byReference == Array(callers.prefix(byReference.count)))
        #expect(byRules == byReference)
        #expect(byReference.count >= callers.count - 1)
    }

    private typealias Step = (RegisterFile, Images.Image, ImageAddress, UInt64) -> (
        registers: RegisterFile, isInterrupted: Bool
    )?

    private func walk(
        _ snapshot: StackSnapshot, _ images: Images, _ step: Step
    ) -> [UInt64] {
        var frame = snapshot.registers
        var isInterrupted = true
        var addresses: [UInt64] = []
        while let address = frame.instructionPointer, address != 0, addresses.count < 200 {
            addresses.append(address)
            let lookup = isInterrupted ? address : address - 1
            guard let (image, imageAddress) = images.find(lookup),
                let caller = step(frame, image, imageAddress, lookup &- imageAddress.value)
            else { break }
            (frame, isInterrupted) = caller
        }
        return addresses
    }
}

/// What is mapped executable into this process.
final class Images {
    struct Image {
        let file: ImageFile
        let table: UnwindTable
    }

    private var images: [String: Image] = [:]
    private let mappings = Mapping.ofThisProcess().filter(\.isExecutable)

    func find(_ address: UInt64) -> (Image, ImageAddress)? {
        guard let mapping = mappings.first(where: { $0.range.contains(address) }),
            let image = image(mapping.path)
        else { return nil }
        let offset = FileOffset(address - mapping.range.lowerBound + mapping.offset)
        return image.file.segments.imageAddress(of: offset).map { (image, $0) }
    }

    private func image(_ path: String) -> Image? {
        if let image = images[path] { return image }
        guard let file = ImageFile(path), let table = try? file.table() else { return nil }
        images[path] = Image(file: file, table: table)
        return images[path]
    }
}
