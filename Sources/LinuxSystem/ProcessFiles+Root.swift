private import CLinuxShims

extension ProcessFiles {
    /// Opens a file by the path that the process itself knows it by: inside its own root, which no
    /// link leads out of. What the path ends in must be no link; a FIFO does not block.
    package func open(inRoot path: String) throws(SystemCallError) -> OwnedDescriptor {
        let number = unsafe shim_open_no_link_in_root(self.path("root"), path)
        guard number >= 0 else { throw .last("openat2", path) }
        return OwnedDescriptor(owning: number)
    }
}
