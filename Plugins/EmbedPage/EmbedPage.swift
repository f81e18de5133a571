import Foundation
import PackagePlugin

/// Embeds the files of `web/` in the target as base64 in `StaticString`s, with media type and hash:
/// a literal of bytes would take the compiler minutes.
@main struct EmbedPage: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let script = root.appending(path: "Plugins/EmbedPage/embed.sh")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        let names = try FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: "web").path
        ).sorted().filter { !$0.hasPrefix(".") }
        let files = names.map { root.appending(path: "web").appending(path: $0) }
        return [
            .buildCommand(
                displayName: "Embedding the page",
                executable: URL(filePath: "/bin/sh"),
                arguments: [script.path, output.path] + files.map(\.path),
                inputFiles: [script] + files,
                outputFiles: [output])
        ]
    }
}
