import CLibbpf

/// An attachment of a program to its event; detached when the owner goes.
package struct BPFLink: ~Copyable {
    private let link: OpaquePointer

    init(owning link: OpaquePointer) { unsafe self.link = link }

    deinit { _ = unsafe bpf_link__destroy(link) }
}
