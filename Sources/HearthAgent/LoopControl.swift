import LinuxSystem
import Synchronization

/// The other threads' handle on the sampling loop: ask it something, or end it.
package final class LoopControl: Sendable {
    /// Called once on the loop's thread, or with nil when the loop is over.
    typealias Question = @Sendable (SamplingLoop?) -> Void

    private struct State {
        var questions: [Question] = []
        var isStopping = false
        /// The loop has ended: nobody will answer any more.
        var isOver = false
    }

    private let state = Mutex(State())
    let wakeup: Wakeup

    package init() throws { wakeup = try Wakeup() }

    /// Ends the loop after the round it is in.
    package func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Runs `body` on the loop's thread between two rounds. Nil when the loop is over.
    func ask<Answer: Sendable>(
        _ body: @escaping @Sendable (SamplingLoop) -> Answer
    ) async -> Answer? {
        await withCheckedContinuation { done in
            post { loop in done.resume(returning: loop.map(body)) }
        }
    }

    /// Puts a question; it is called exactly once.
    func post(_ question: @escaping Question) {
        let isOver = state.withLock { state in
            if !state.isOver { state.questions.append(question) }
            return state.isOver
        }
        if isOver { question(nil) } else { wakeup.signal() }
    }

    /// Answers what was asked since the last round; on the loop's thread.
    func answer(with loop: SamplingLoop) {
        wakeup.clear()
        let questions = state.withLock { state in
            defer { state.questions = [] }
            return state.questions
        }
        for question in questions { question(loop) }
    }

    /// Tells everybody who still waits that there will be no answer.
    func finish() {
        let questions = state.withLock { state in
            state.isOver = true
            defer { state.questions = [] }
            return state.questions
        }
        for question in questions { question(nil) }
    }
}
