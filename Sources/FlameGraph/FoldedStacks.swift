package import ProfileModel

/// `root;…;leaf value`, one line per stack, sorted: what flamegraph.pl and its kin read.
package enum FoldedStacks {
    /// Every stack of the profile; stacks of equal names are one line. Ends with a newline unless
    /// the profile is empty.
    ///
    /// - Parameters:
    ///   - kernelSuffix: appended to the names of kernel frames, such as `_[k]`.
    ///   - divisor: values are divided by it: the period makes counts of samples of nanoseconds.
    package static func text(
        _ profile: MergedProfile, kernelSuffix: String = "", divisor: Int64 = 1
    ) -> String {
        let names = profile.table.locations.map { location in
            location.frameNames.map { text(of: $0, kernelSuffix) }.joined(separator: ";")
        }
        var sums: [String: Int64] = [:]
        for entry in profile.values where entry.value != 0 {
            let line = profile.table.stacks[Int(entry.stack)].reversed()
                .map { names[Int($0)] }.joined(separator: ";")
            sums[line, default: 0] = sums[line, default: 0].addingSaturating(entry.value)
        }
        return sums.sorted { $0.key < $1.key }
            .map { "\($0.key.isEmpty ? "total" : $0.key) \($0.value / max(1, divisor))\n" }.joined()
    }

    /// A semicolon or a line end in a name would make two frames of one.
    private static func text(of name: FrameName, _ kernelSuffix: String) -> String {
        var text = ""
        for scalar in name.text.unicodeScalars {
            switch scalar {
            case ";": text += ":"
            case "\n", "\r": text += " "
            default: text.unicodeScalars.append(scalar)
            }
        }
        return name.kind == .kernel ? text + kernelSuffix : text
    }
}
