import CSampleABI
package import ProfileModel

extension UnwindTable {
    /// Builds the table of an image. Malformed and unsupported entries cost themselves, and are
    /// counted; takes time and memory in proportion to the sections. The code of one Go function is
    /// asked for, if it is there.
    package static func build(
        from sections: borrowing UnwindSections,
        readingCode: (Range<ImageAddress>) -> [UInt8]? = { _ in nil }
    ) throws(UnwindTableError) -> UnwindTable {
        var builder = UnwindTableBuilder(try CodeRanges(sections.code))
        try builder.add(sections, readingCode)
        return builder.finish()
    }
}

/// Turns the entries of all sources into rows, in the order of their addresses.
private struct UnwindTableBuilder {
    private let code: CodeRanges
    private var counters = UnwindCounters()
    private var rules = RuleSet()
    private var writer: RowWriter
    /// Where the last procedure ended.
    private var end: UInt64 = 0

    /// A shorter gap between procedures is alignment, where nothing runs.
    private static let alignment: UInt64 = 16

    init(_ code: CodeRanges) {
        self.code = code
        writer = RowWriter(base: code.base, pageCount: code.pageCount)
    }

    mutating func add(
        _ sections: borrowing UnwindSections, _ readingCode: (Range<ImageAddress>) -> [UInt8]?
    ) throws(UnwindTableError) {
        let ehFrame = CallFrameIndex(sections.ehFrame)
        let debugFrame = CallFrameIndex(sections.debugFrame)
        let goLines = GoLineTable(sections.goLines, text: sections.goText)
        let (goFunctions, malformed) = goLines?.functions() ?? ([], 0)
        var callToC: GoCallToC?
        if let goLines { callToC = GoCallToC(goFunctions, in: goLines, readingCode) }
        var list = ProcedureList(code)
        list.add(.ehFrame, count: ehFrame.count) { ehFrame.descriptions[$0].range }
        list.add(.goLines, count: goFunctions.count) { goFunctions[$0].range }
        list.add(.debugFrame, count: debugFrame.count) { debugFrame.descriptions[$0].range }
        counters.malformed = ehFrame.malformed + debugFrame.malformed + malformed
        var machine = CallFrameMachine()
        for procedure in list.procedures {
            endGap(before: procedure.start)
            switch procedure.source {
            case .ehFrame: add(procedure, ehFrame, sections.ehFrame, &machine)
            case .debugFrame: add(procedure, debugFrame, sections.debugFrame, &machine)
            case .goLines:
                guard let goLines else { continue }
                let function = goFunctions[Int(procedure.index)].ending(by: procedure.end)
                add(procedure, function, goLines, callToC)
            }
            end = procedure.end
            guard counters.rawRows <= UnwindTable.maximumRows else { throw .tooManyRows }
        }
    }

    consuming func finish() -> UnwindTable {
        writer.append(at: end, rule: RuleSet.uncovered)
        writer.finish()
        return UnwindTable(
            baseAddress: .init(code.base), pages: writer.pages, rows: writer.rows,
            rules: rules.rules, counters: counters)
    }

    private mutating func endGap(before start: UInt64) {
        if start - end >= Self.alignment { writer.append(at: end, rule: RuleSet.uncovered) }
    }

    private mutating func add(
        _ procedure: Procedure, _ index: CallFrameIndex, _ section: borrowing CallFrameSection,
        _ machine: inout CallFrameMachine
    ) {
        let description = index.descriptions[Int(procedure.index)]
        let isSignalFrame = index.commons[Int(description.common)].isSignalFrame
        do {
            try machine.run(description, index.commons[Int(description.common)], in: section) {
                start, _, rules in
                guard start < procedure.end else { return }
                add(rules, at: start, isSignalFrame: isSignalFrame, in: section)
            }
        } catch {
            counters.malformed += 1
            if machine.location < procedure.end { addUnsupported(.malformed, at: machine.location) }
        }
        counters.descriptions += 1
    }

    private mutating func add(
        _ rules: borrowing CallFrameRules, at address: UInt64, isSignalFrame: Bool,
        in section: borrowing CallFrameSection
    ) {
        do {
            let rule = try unwind_rule(compacting: rules, isSignalFrame: isSignalFrame, in: section)
            if rule.hasLostFramePointer, rules.framePointer != .undefined {
                counters.lostFramePointers += 1
            }
            append(rule, at: address)
        } catch {
            addUnsupported(error, at: address)
        }
    }

    private mutating func add(
        _ procedure: Procedure, _ function: GoFunction, _ lines: borrowing GoLineTable,
        _ callToC: GoCallToC?
    ) {
        counters.goFunctions += 1
        switch function.role {
        case .outermost: append(.outermost, at: procedure.start)
        case .returnsFromSignal: append(.uncovered, at: procedure.start)
        case .ordinary, .switchesStack, .asmcgocall, .cgocall, .isReturnedTo:
            func add(_ address: UInt64, _ rule: unwind_rule) {
                if address < procedure.end { append(rule, at: address) }
            }
            if let callToC, callToC.start == function.start {
                callToC.forEachRow(add)
            } else {
                GoFrame(of: function, in: lines).forEachRow(of: function, in: lines, add)
            }
        }
    }

    private mutating func append(_ rule: unwind_rule, at address: UInt64) {
        if let index = rules.index(of: rule) {
            counters.rawRows += 1
            writer.append(at: address, rule: index)
        } else {
            addUnsupported(.tooManyRules, at: address)
        }
    }

    private mutating func addUnsupported(_ cause: UnsupportedCause, at address: UInt64) {
        counters.count(cause)
        counters.rawRows += 1
        writer.append(at: address, rule: RuleSet.unsupported)
    }
}
