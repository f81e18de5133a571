import CSampleABI

/// Why a stack ended, success included; the list is `bpf/abi/stop_reason_list.h`, shared with BPF.
package struct StopReason: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ reason: stop_reason) { self.rawValue = reason.rawValue }

    /// The walk reached the outermost frame: nothing is missing.
    package static let endOfStack = StopReason(STOP_END_OF_STACK)
    /// A kernel thread: there is no user stack to miss.
    package static let noUserStack = StopReason(STOP_NO_USER_STACK)
    package static let stackUnreadable = StopReason(STOP_STACK_UNREADABLE)
    package static let noFramePointer = StopReason(STOP_NO_FRAME_POINTER)
    package static let tooDeep = StopReason(STOP_TOO_DEEP)
    package static let notCode = StopReason(STOP_NOT_CODE)
    package static let kernelUnreadable = StopReason(STOP_KERNEL_UNREADABLE)
    package static let unknownProcess = StopReason(STOP_UNKNOWN_PROCESS)
    package static let noMapping = StopReason(STOP_NO_MAPPING)
    package static let tableUnread = StopReason(STOP_TABLE_UNREAD)
    package static let noUnwindRow = StopReason(STOP_NO_UNWIND_ROW)
    package static let copyEnded = StopReason(STOP_COPY_ENDED)
    package static let ending = StopReason(STOP_ENDING)

    /// Every reason of the list.
    package static let all = (0..<STOP_REASON_COUNT.rawValue).map { StopReason(rawValue: $0) }

    /// Whether the stack is whole.
    package var isComplete: Bool { self == .endOfStack || self == .noUserStack }

    /// The list's name in lower case with dashes, as metrics and the API show it.
    package var name: String {
        guard let text = stop_reason_name(rawValue) else { return "unknown-\(rawValue)" }
        return String(String(cString: text).map { $0 == "_" ? "-" : $0 }).lowercased()
    }

    /// What would give more of the stack; empty when nothing is missing, or nothing would.
    package var advice: String {
        guard let text = stop_reason_advice(rawValue) else { return "" }
        return String(cString: text)
    }

    /// One phrase for people.
    package var summary: String {
        guard let text = stop_reason_summary(rawValue) else { return "unknown reason \(rawValue)" }
        return String(cString: text)
    }
}
