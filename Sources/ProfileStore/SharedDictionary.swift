import Synchronization

/// A dictionary of one partition, shared by the writer, which adds, and by queries.
///
/// A number once committed never changes its meaning. When a commit fails, what the writer added is
/// not on disk: this object is dropped then, and read again.
final class SharedDictionary<Content: SegmentedContent & Sendable>: Sendable {
    private let content: Mutex<Content>

    init(_ content: consuming sending Content) {
        self.content = Mutex(content)
    }

    func withContent<T: Sendable>(_ body: (inout Content) -> T) -> T {
        content.withLock { body(&$0) }
    }
}

/// One service's locations and stacks. Who needs both this and the symbols locks this first.
typealias ServiceDictionary = SharedDictionary<DictionaryContent>
/// A partition's functions and images.
typealias SymbolDictionary = SharedDictionary<SymbolContent>
