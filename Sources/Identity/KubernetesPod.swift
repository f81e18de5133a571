/// The pod part of the paths that a kubelet makes.
///
///     /kubepods/burstable/pod<uid>/<container>                                  cgroupfs driver
///     /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice/…   systemd driver
enum KubernetesPod {
    /// The uid in a component; nil when it is not a pod's.
    static func uid(in component: Substring) -> String? {
        let stem: Substring
        if component.hasPrefix("pod") {
            stem = component.dropFirst(3)
        } else if component.hasSuffix(".slice"), component.contains("kubepods") {
            // The last part of `kubepods-burstable-pod<uid>`; systemd wants the uid's dashes gone.
            guard let last = component.dropLast(6).split(separator: "-").last,
                last.hasPrefix("pod")
            else { return nil }
            stem = last.dropFirst(3)
        } else {
            return nil
        }
        let uid = String(stem.map { $0 == "_" ? "-" : $0 })
        return isUID(uid) ? uid : nil
    }

    /// A UUID, or the 32 digits that name a static pod by its manifest.
    private static func isUID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let lengths = parts.map(\.utf8.count)
        return (lengths == [8, 4, 4, 4, 12] || lengths == [32])
            && parts.joined().utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }
}
