/// Where an answer comes from.
package enum QuerySource: String, Hashable, Sendable {
    /// Single samples when the selector names `pid`, `tid` or `cpu` and they are kept here, else the
    /// store.
    case automatic
    /// Single samples: for ranges that cut windows apart.
    case recent
}
