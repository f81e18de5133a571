import Synchronization

/// One service's dictionary in one partition, shared by the writer, which adds, and by queries.
///
/// A number once committed never changes its meaning. When a commit fails, what the writer added is
/// not on disk: this object is dropped then, and read again.
final class ServiceDictionary: Sendable {
    private let content: Mutex<DictionaryContent>

    init(_ content: consuming sending DictionaryContent) {
        self.content = Mutex(content)
    }

    func withContent<T: Sendable>(_ body: (inout DictionaryContent) -> T) -> T {
        content.withLock { body(&$0) }
    }
}
