import Foundation
import PackagePlugin

/// Compiles `bpf/programs/*.bpf.c` with the Swift toolchain's own clang and embeds each object in
/// the target as base64 in a `StaticString`: a literal of bytes would take the compiler minutes.
@main struct EmbedBPF: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let bpf = context.package.directoryURL.appending(path: "bpf")
        let headers = try files(below: bpf, endingWith: ".h")
        return try files(below: bpf.appending(path: "programs"), endingWith: ".bpf.c").map {
            source in
            let stem = String(source.lastPathComponent.dropLast(".bpf.c".count))
            let output = context.pluginWorkDirectoryURL.appending(path: "BPFObject+\(stem).swift")
            return .buildCommand(
                displayName: "Compiling BPF \(source.lastPathComponent)",
                executable: URL(filePath: "/bin/sh"),
                arguments: [
                    bpf.appending(path: "embed.sh").path,
                    try context.tool(named: "clang").url.path,
                    try context.tool(named: "llvm-objcopy").url.path,
                    source.path, output.path, stem,
                ],
                inputFiles: [source, bpf.appending(path: "embed.sh")] + headers,
                outputFiles: [output])
        }
    }

    private func files(below directory: URL, endingWith suffix: String) throws -> [URL] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
        return paths.sorted().filter { $0.hasSuffix(suffix) }.map { directory.appending(path: $0) }
    }
}
