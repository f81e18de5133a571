package import Demangling
package import ImageFiles
import LinuxSystem
package import ProfileModel
import Synchronization

/// Names frames, best effort: what cannot be named keeps its address. Shared by threads; one
/// look-up runs at a time.
package final class Symbolicator: Sendable {
    private struct State {
        var images: [MappedImage: ImageSymbols] = [:]
        /// Images that gave no names, until when not to try again, and why.
        var failures: [MappedImage: (until: UInt64, reason: ImageError)] = [:]
        var runtimes: RuntimeCatalog
        var kernel: KernelSymbols?
        var kernelReadAt: UInt64 = 0
        var lookups = 0
        var kernelNamed: [ProcessAddress: Location] = [:]
        var counters = SymbolicationCounters()
        /// CLOCK_MONOTONIC: from then on no file is read.
        var closing: UInt64 = .max

        /// Asks in place: a copy of what is known of an image could be large.
        mutating func answer(
            about image: MappedImage, _ ask: (inout ImageSymbols) -> ImageSymbols.Answer
        ) -> ImageSymbols.Answer? {
            guard let place = images.index(forKey: image) else { return nil }
            return ask(&images.values[place])
        }
    }

    private let state: Mutex<State>
    private let byteBudget: Int
    private let chain: SymbolChain
    private let style: NameStyle

    /// Failed images are tried again after this long: another process may have the file.
    private static let retryAfter: UInt64 = 60_000_000_000
    /// A file without a build ID in its mapping is looked at again after this long.
    private static let recheckAfter: UInt64 = 5_000_000_000
    /// kallsyms is read again at most this often; it costs some 50 ms.
    private static let kernelRefresh: UInt64 = 30_000_000_000
    private static let memoryLimit = 65_536
    private static let imageLimit = 4096
    /// Images with debug information whose files are held open.
    private static let openLimit = 64
    private static let lookupsPerEviction = 256

    /// - Parameters:
    ///   - byteBudget: how much symbol tables may take, and half as much what runtimes wrote down; the ones used longest ago go first, and are read
    ///     again when a function is met that nobody asked for before.
    ///   - cache: where tables are kept from one run to the next.
    ///   - depot: debug files that are fetched; nil: none are.
    ///   - style: how mangled names are shown.
    package init(
        byteBudget: Int = 64 << 20, cache: SymbolCache = SymbolCache(directory: nil),
        depot: DebugFileDepot? = nil, style: NameStyle = .full
    ) {
        self.style = style
        self.byteBudget = byteBudget
        state = Mutex(State(runtimes: RuntimeCatalog(byteBudget: byteBudget / 2)))
        chain = SymbolChain(cache: cache, depot: depot)
    }

    /// A debug file has come: what was read of this image without it is read again.
    package func reconsider(_ id: BuildID) {
        state.withLock { state in
            for (image, symbols) in state.images where symbols.buildID == id {
                state.images[image] = nil
            }
        }
    }

    package var counters: SymbolicationCounters {
        state.withLock { state in
            var counters = state.counters
            counters.tableBytes = state.images.values.reduce(0) { $0 + $1.tableBytes }
            counters.tables = state.images.values.count { $0.table != nil }
            counters.kernelFunctions = state.kernel?.count ?? 0
            counters.kernelHidden = state.kernel?.isHidden ?? false
            return counters
        }
    }

    /// Leaves frames unnamed whose images would have to be read after `time` (CLOCK_MONOTONIC,
    /// nanoseconds): whoever stops soon must not wait for a compiler's symbols.
    package func readNothing(after time: UInt64) { state.withLock { $0.closing = time } }

    /// The location of a user frame.
    ///
    /// - Parameters:
    ///   - offset: in the image's file, as the mapping says.
    ///   - process: opens the file through this process's root while it lives.
    package func location(
        of image: MappedImage, fileOffset offset: FileOffset, isReturnAddress: Bool, process: UInt32
    ) -> Location {
        guard image.isFile else {
            return runtimeLocation(of: image, offset, isReturnAddress, process)
        }
        return location(of: image, process: process) {
            $0.location(at: offset, isReturnAddress: isReturnAddress)
        } ?? unnamed(image, offset)
    }

    /// The location of an address that the linker gave; nil when the image cannot be read.
    package func location(
        of image: MappedImage, at address: ImageAddress, process: UInt32
    ) -> Location? {
        location(of: image, process: process) { $0.location(at: address, isReturnAddress: false) }
    }

    /// Where an image's names come from; nil when none was asked for yet.
    ///
    /// - Parameter process: whose code it is, where no file is behind the image.
    package func provenance(of image: MappedImage, process: UInt32) -> NameProvenance? {
        state.withLock { state in
            guard image.isFile else {
                return state.runtimes.isKnown(process)
                    ? NameProvenance(runtime: state.runtimes.problem(of: process)) : nil
            }
            return state.images[image].map { NameProvenance($0) }
                ?? state.failures[image].map { NameProvenance(failedBy: $0.reason) }
        }
    }

    /// In anonymous memory an offset is the process's own address.
    private func runtimeLocation(
        of image: MappedImage, _ offset: FileOffset, _ isReturnAddress: Bool, _ process: UInt32
    ) -> Location {
        let address = ProcessAddress(offset.value &- (isReturnAddress ? 1 : 0))
        let line = state.withLock { $0.runtimes.line(at: address, process: process) }
        guard let line else { return unnamed(image, offset) }
        return Location(named: [line], kind: .jit, module: "[anonymous]")
    }

    private func location(
        of image: MappedImage, process: UInt32, _ ask: (inout ImageSymbols) -> ImageSymbols.Answer
    ) -> Location? {
        state.withLock { state in
            forgetReplaced(image, process: process, &state)
            if state.images[image] == nil { load(image, process: process, &state) }
            state.images[image]?.lastUsed = Clock.monotonic
            for _ in 0..<2 {
                guard let answer = state.answer(about: image, ask) else { return nil }
                state.lookups += 1
                if state.lookups.isMultiple(of: Self.lookupsPerEviction) {
                    evict(keeping: image, &state)  // debug information grows as it is asked
                }
                guard case .location(let location) = answer else {
                    load(image, process: process, &state)
                    continue
                }
                return location
            }
            return nil
        }
    }

    /// The location of a kernel frame.
    package func kernelLocation(_ address: ProcessAddress, isReturnAddress: Bool) -> Location {
        let lookup = ProcessAddress(address.value &- (isReturnAddress ? 1 : 0))
        return state.withLock { state in
            if let known = state.kernelNamed[lookup] { return known }
            let location = kernelLocation(address, lookup, &state)
            if state.kernelNamed.count >= Self.memoryLimit { state.kernelNamed = [:] }
            state.kernelNamed[lookup] = location
            return location
        }
    }

    private func kernelLocation(
        _ address: ProcessAddress, _ lookup: ProcessAddress, _ state: inout State
    ) -> Location {
        var found = state.kernel?.function(at: lookup)
        let now = Clock.monotonic
        if found == nil, state.kernel == nil || now - state.kernelReadAt > Self.kernelRefresh {
            // Modules and BPF programs come and go.
            state.kernelReadAt = now
            state.kernelNamed = [:]
            if let read = try? KernelSymbols.current() { state.kernel = read }
            found = state.kernel?.function(at: lookup)
        }
        guard let (name, module) = found else {
            return Location(unnamed: ImageAddress(address.value), kind: .kernel, module: "vmlinux")
        }
        return Location(
            named: [Line(function: Function(name: name))], kind: .kernel, module: module)
    }

    private func unnamed(_ image: MappedImage, _ offset: FileOffset) -> Location {
        // Code in anonymous memory was made by a runtime while it ran.
        let kind: FrameKind = image.isFile ? .native : .jit
        return Location(
            unnamed: ImageAddress(offset.value), kind: kind,
            module: kind == .jit ? "[anonymous]" : image.name, buildID: image.buildID)
    }

    /// A program that was built anew may have the path and the inode of the one before it: what was read of
    /// that is worth nothing. Looked at now and then, while a process has the file.
    private func forgetReplaced(_ image: MappedImage, process: UInt32, _ state: inout State) {
        let now = Clock.monotonic
        guard image.buildID == nil, let known = state.images[image], let version = known.version,
            now - known.checked > Self.recheckAfter, now < state.closing
        else { return }
        state.images[image]?.checked = now
        guard let file = try? ImageSearch.open(image, process: process), file.version != version
        else { return }
        state.images[image] = nil
    }

    private func load(_ image: MappedImage, process: UInt32, _ state: inout State) {
        let now = Clock.monotonic
        guard now < state.closing else { return }
        if let failure = state.failures[image], now < failure.until { return }
        do {
            let symbols = try symbols(of: image, process: process)
            state.counters.loaded += 1
            if symbols.table?.isEmpty == true {
                state.counters.failed[.noSymbols, default: 0] += 1
            }
            if let known = state.images[image], known.version == symbols.version {
                state.images[image]?.restore(symbols)
            } else {
                state.images[image] = symbols
            }
            state.images[image]?.checked = now
            state.failures[image] = nil
            evict(keeping: image, &state)
        } catch {
            if state.failures.count >= Self.memoryLimit { state.failures = [:] }
            if state.failures[image] == nil { state.counters.failed[error, default: 0] += 1 }
            state.failures[image] = (now + Self.retryAfter, error)
        }
    }

    private func symbols(
        of image: MappedImage, process: UInt32
    ) throws(ImageError) -> ImageSymbols {
        if image.path == VirtualLibrary.path {
            let file = try VirtualLibrary.open()
            return ImageSymbols(
                segments: file.segments, table: try chain.virtualTable(of: file), debug: nil,
                module: "[vdso]", buildID: image.buildID)
        }
        let file = try ImageSearch.open(image, process: process)
        let table = try chain.table(of: file, path: image.path, process: process)
        let segments = file.segments
        let version = file.version
        let buildID = image.buildID ?? file.buildID()
        let debug = ImageDebugInfo(
            file, path: image.path, process: process, depot: chain.depot)
        // Kept even without symbols: its segments turn file offsets into image addresses.
        return ImageSymbols(
            segments: segments, table: table, debug: debug, module: image.name, buildID: buildID,
            version: version, style: style)
    }

    /// Drops tables, the ones used longest ago first; and, when there are too many images, images.
    private func evict(keeping newest: MappedImage, _ state: inout State) {
        var byteCount = state.images.values.reduce(0) { $0 + $1.tableBytes }
        var fileCount = state.images.values.count { $0.holdsFiles }
        while byteCount > byteBudget || fileCount > Self.openLimit {
            let oldest = state.images.filter {
                $0.key != newest && ($0.value.tableBytes > 0 || $0.value.holdsFiles)
            }
            .min { $0.value.lastUsed < $1.value.lastUsed }
            guard let (image, symbols) = oldest else { break }
            state.images[image]?.dropTable()
            byteCount -= symbols.tableBytes
            fileCount -= symbols.holdsFiles ? 1 : 0
            state.counters.evicted += 1
        }
        guard state.images.count > Self.imageLimit else { return }
        let old = state.images.sorted { $0.value.lastUsed < $1.value.lastUsed }
            .prefix(Self.imageLimit / 8).filter { $0.key != newest }
        for image in old.map(\.key) { state.images[image] = nil }
    }
}

/// What the symbolicator did so far, and what it holds.
package struct SymbolicationCounters: Sendable {
    package var loaded: UInt64 = 0
    package var evicted: UInt64 = 0
    /// Images that gave no names, by reason.
    package var failed: [ImageError: UInt64] = [:]
    package var tables = 0
    package var tableBytes = 0
    package var kernelFunctions = 0
    /// Whether the kernel hides its addresses from us.
    package var kernelHidden = false
}
