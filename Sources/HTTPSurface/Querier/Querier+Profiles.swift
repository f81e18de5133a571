import FlameGraph
import Foundation
import Pprof
import ProfileModel
import ProfileQuery
import PyroscopeAPI
import SwiftProtobuf

extension Querier {
    func selectMergeStacktraces(
        _ request: Querier_V1_SelectMergeStacktracesRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_SelectMergeStacktracesResponse {
        let profile = try await merge(ProfileQuestion(request))
        let nodes = try Self.nodes(request.hasMaxNodes ? request.maxNodes : 0)
        var answer = Querier_V1_SelectMergeStacktracesResponse()
        switch request.format {
        case .unspecified, .flamegraph:
            answer.flamegraph = Querier_V1_FlameGraph(profile, nodes)
        case .tree:
            answer.tree = Data(CallTree(profile).truncated(to: nodes).pyroscopeTree)
        case .dot:
            // Boxes in a picture, not bars: far fewer can be looked at.
            answer.dot = DotGraph.text(
                profile, maximumNodes: request.maxNodes > 0 ? nodes : Self.defaultDotNodes)
        case .pprof:
            answer.pprof.profile = try Google_V1_Profile(
                serializedBytes: PprofEncoder.message(profile))
        case .UNRECOGNIZED(let value):
            throw ConnectError.invalid("format \(value) is not known")
        }
        // Answers are never so slow that they need to be fetched later: who asks to has one at once.
        if request.hasAsync, request.async.type == .force || !request.async.requestID.isEmpty {
            answer.async.requestID = request.async.requestID
            answer.async.status = .success
        }
        return answer
    }

    func selectMergeSpanProfile(
        _ request: Querier_V1_SelectMergeSpanProfileRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_SelectMergeSpanProfileResponse {
        let profile = try await merge(ProfileQuestion(request))
        let nodes = try Self.nodes(request.hasMaxNodes ? request.maxNodes : 0)
        var answer = Querier_V1_SelectMergeSpanProfileResponse()
        switch request.format {
        case .unspecified, .flamegraph:
            answer.flamegraph = Querier_V1_FlameGraph(profile, nodes)
        case .tree:
            answer.tree = Data(CallTree(profile).truncated(to: nodes).pyroscopeTree)
        case .dot, .pprof, .UNRECOGNIZED:
            throw ConnectError.invalid("format has to be PROFILE_FORMAT_FLAMEGRAPH or …_TREE")
        }
        return answer
    }

    /// Whole, whatever `max_nodes` says, as Pyroscope answers it.
    func selectMergeProfile(
        _ request: Querier_V1_SelectMergeProfileRequest, _ call: ConnectCall
    ) async throws -> PprofReply {
        PprofReply(profile: try await merge(ProfileQuestion(request)))
    }

    func diff(
        _ request: Querier_V1_DiffRequest, _ call: ConnectCall
    ) async throws -> Querier_V1_DiffResponse {
        let left = try ProfileQuestion(request.left)
        let right = try ProfileQuestion(request.right)
        guard left.selector.type == right.selector.type else {
            throw ConnectError.invalid("left and right have different profile types")
        }
        let nodes = max(
            try Self.nodes(request.left.maxNodes), try Self.nodes(request.right.maxNodes))
        let graph = FlamebearerDiff(
            left: try await merge(left), right: try await merge(right), maximumNodes: nodes)
        return .with {
            $0.flamegraph.names = graph.names
            $0.flamegraph.levels = graph.levels.map { values in .with { $0.values = values } }
            $0.flamegraph.total = graph.total
            $0.flamegraph.maxSelf = graph.maxSelf
            $0.flamegraph.leftTicks = graph.leftTicks
            $0.flamegraph.rightTicks = graph.rightTicks
        }
    }

    private func merge(_ question: ProfileQuestion) async throws -> MergedProfile {
        guard !question.isAboutSpans else {
            return MergedProfile(
                type: question.type, range: question.range, period: 0, table: StackTable(),
                values: [])
        }
        let profile = try await engine.merge(
            question.selector, range: question.range, callSite: question.callSite)
        return question.leaves?.cut(profile) ?? profile
    }

    private static let defaultDotNodes = 100

    /// 0 asks for the default.
    private static func nodes(_ wanted: Int64) throws(ConnectError) -> Int {
        guard 0...Int64(RenderRoutes.mostNodes) ~= wanted else {
            throw .invalid("max_nodes is \(wanted), not between 0 and \(RenderRoutes.mostNodes)")
        }
        return wanted == 0 ? RenderRoutes.defaultNodes : Int(wanted)
    }
}

extension Querier_V1_FlameGraph {
    init(_ profile: MergedProfile, _ maximumNodes: Int) {
        self.init()
        let graph = Flamebearer(profile, maximumNodes: maximumNodes)
        names = graph.names
        levels = graph.levels.map { values in .with { $0.values = values } }
        total = graph.numTicks
        maxSelf = graph.maxSelf
    }
}
