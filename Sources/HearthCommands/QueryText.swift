import ProfileModel

/// What a person writes for a selection, as a node's HTTP takes it.
enum QueryText {
    /// An application's name, a selector, or a profile type with a selector; all applications when
    /// nothing is written. CPU time is meant where no type is named.
    static func cpu(_ text: String?) -> String {
        guard let text else { return "\(ProfileType.cpu.id){}" }
        if text.contains("{") {
            return text.hasPrefix("{") ? ProfileType.cpu.id + text : text
        }
        let only = LabelSet([Label(LabelSet.serviceName, text)])
        return "\(ProfileType.cpu.id)\(only)"
    }
}
