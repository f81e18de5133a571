/// A named function, as symbol tables and debug information give it.
package struct Function: Hashable, Sendable {
    /// Demangled, as shown to people.
    package let name: String
    /// As the linker knows it; equal to `name` when it was not mangled.
    package let systemName: String
    /// Source file; empty when unknown.
    package let file: String

    package init(name: String, systemName: String? = nil, file: String = "") {
        self.name = name
        self.systemName = systemName ?? name
        self.file = file
    }
}

/// One source line of a location; several per location when functions were inlined.
package struct Line: Hashable, Sendable {
    package let function: Function
    /// 1-based; 0 when unknown.
    package let number: UInt32

    package init(function: Function, number: UInt32 = 0) {
        self.function = function
        self.number = number
    }
}

/// What a frame shows: kind, image and, once named, its lines.
///
/// A named location has no address: leaf addresses would otherwise multiply the stacks. An unnamed
/// one keeps its image address, so that a later symbol file can still name it.
package struct Location: Hashable, Sendable {
    package let kind: FrameKind
    /// The image's short name: `libc.so.6`, `[vdso]`, a kernel module's name or `vmlinux`; empty
    /// when no image holds the address.
    package let module: String
    package let buildID: BuildID?
    /// Innermost function first; empty while unnamed.
    package let lines: [Line]
    /// Only while unnamed: where in the image, or in the process when `module` is empty.
    package let address: ImageAddress?

    /// A location with names. `lines` must not be empty.
    package init(named lines: [Line], kind: FrameKind, module: String, buildID: BuildID? = nil) {
        self.kind = kind
        self.module = module
        self.buildID = buildID
        self.lines = lines
        self.address = nil
    }

    /// A location nobody could name yet.
    package init(
        unnamed address: ImageAddress, kind: FrameKind, module: String, buildID: BuildID? = nil
    ) {
        self.kind = kind
        self.module = module
        self.buildID = buildID
        self.lines = []
        self.address = address
    }

    // What tells locations apart nearly always: a C++ function's names take half a kilobyte.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(lines.count)
        hasher.combine(lines.first?.number ?? 0)
        hasher.combine(lines.first?.function.systemName ?? module)
        hasher.combine(address?.value ?? 0)
    }

    /// The frame that ends a cut stack and says why.
    package init(cutBy reason: StopReason) {
        self.init(
            named: [Line(function: Function(name: "[cut: \(reason.summary)]"))],
            kind: .stopReason, module: "")
    }

    /// What people see, innermost function first: names, else `module+0xoffset`, else `0xaddress`.
    package var names: [String] {
        guard lines.isEmpty else { return lines.map(\.function.name) }
        let offset = "0x" + String(address?.value ?? 0, radix: 16)
        return [module.isEmpty ? offset : "\(module)+\(offset)"]
    }
}
