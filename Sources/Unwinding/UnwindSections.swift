package import ProfileModel

/// What an image has to tell how to unwind it; lent by the caller, who reads the file.
///
/// Sections that an image lacks are empty.
package struct UnwindSections: ~Escapable {
    /// Where code is: the executable segments, as far as the file backs them. Addresses elsewhere
    /// are ignored, whatever the sections say of them.
    package let code: [Range<ImageAddress>]
    /// `.eh_frame`. The best source: complete, and right for every instruction in what compilers
    /// write today.
    let ehFrame: CallFrameSection
    /// `.debug_frame`, decompressed. Used where the others say nothing.
    let debugFrame: CallFrameSection
    /// `.gopclntab`. Comes before `.debug_frame`, in which Go's linker writes no frame pointers.
    let goLines: RawSpan
    /// Where Go's code begins, for line tables that do not say so: PIE, Go 1.26 and later.
    let goText: ImageAddress?

    @_lifetime(copy ehFrame, copy debugFrame, copy goLines)
    package init(
        code: [Range<ImageAddress>],
        ehFrame: RawSpan = RawSpan(), at ehFrameAddress: ImageAddress = ImageAddress(0),
        debugFrame: RawSpan = RawSpan(),
        goLines: RawSpan = RawSpan(), goText: ImageAddress? = nil
    ) {
        self.code = code
        self.ehFrame = CallFrameSection(.ehFrame, bytes: ehFrame, address: ehFrameAddress.value)
        self.debugFrame = CallFrameSection(.debugFrame, bytes: debugFrame, address: 0)
        self.goLines = goLines
        self.goText = goText
    }
}
