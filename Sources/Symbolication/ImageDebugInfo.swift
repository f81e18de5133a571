import DWARFDebugInfo
import Demangling
import ELFImage
import ImageFiles
import ProfileModel

/// An image's debug information, wherever it is: functions that were inlined, files and lines.
struct ImageDebugInfo {
    private var information: DebugInfo

    /// What parsed tables of one image may take.
    private static let byteBudget = 8 << 20
    /// Entries read for one image in all, some ten seconds of work: a file that wants more was made to.
    private static let workLimit: UInt64 = 1 << 30

    /// Debug information of the image's own file, or of its debug file; nil when there is none.
    ///
    /// - Parameters:
    ///   - path: as its process sees it; debug files are looked for from there.
    ///   - process: through whose root.
    ///   - depot: has files that were fetched.
    init?(
        _ file: consuming ImageFile, path: String, process: UInt32, depot: DebugFileDepot? = nil
    ) {
        var path = path
        if file.debugSection(named: ".debug_info") == nil {
            if let found = DebugFileSearch.open(for: file, path: path, process: process) {
                path = found.path
                file = found.take()
            } else if let fetched = file.buildID().flatMap({ depot?.open($0) }) {
                file = fetched
            } else {
                return nil
            }
        }
        var supplement: DebugFileSource?
        if let shared = DebugFileSearch.supplement(of: file, path: path, process: process) {
            supplement = DebugFileSource(shared)
        }
        guard let source = DebugFileSource(file) else { return nil }
        information = DebugInfo(
            source, supplement: supplement, package: Self.split("\(path).dwp", process: process),
            byteBudget: Self.byteBudget
        ) { name in
            let path = name.file.hasPrefix("/") ? name.file : "\(name.directory)/\(name.file)"
            return Self.split(path, process: process)
        }
    }

    private static func split(_ path: String, process: UInt32) -> DebugFileSource? {
        guard let file = DebugFileSearch.open(path, process: process) else { return nil }
        return DebugFileSource(file, isSplit: true)
    }

    /// What of it can be given back.
    var byteCount: Int { information.byteCount }

    /// The functions at an address, innermost first; empty when nothing is known of it.
    ///
    /// - Parameter symbol: the linker's name of the function around them all, which has a better name for
    ///   it than debug information: with parameters, or `foo.cold`.
    mutating func lines(
        at address: ImageAddress, symbol: String?, style: NameStyle = .full
    ) -> [Line] {
        guard information.entriesRead < Self.workLimit else { return [] }
        let frames = (try? information.frames(at: address)) ?? []
        var lines: [Line] = []
        for (depth, frame) in frames.enumerated() {
            let isOutermost = depth == frames.count - 1
            guard let name = (isOutermost ? symbol : nil) ?? frame.function else { continue }
            let function = Function(
                name: Demangler.displayName(name, style: style), systemName: name, file: frame.file)
            lines.append(Line(function: function, number: frame.line))
        }
        return lines
    }
}
