/// What sort of thing a frame stands for. Raw values are stored on disk: never renumber them.
package enum FrameKind: UInt8, Sendable, CaseIterable {
    /// Machine code of a mapped image.
    case native = 0
    /// The kernel's own code, modules included.
    case kernel = 1
    /// A function of an interpreter's language (later issues).
    case interpreted = 2
    /// Code a runtime made while running, in no image.
    case jit = 3
    /// Not code: says why the stack was cut here (`StopReason`).
    case stopReason = 4
}
