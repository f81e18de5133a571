/// A query over a range of time, as a node's HTTP takes both.
struct Selection {
    let query: String
    let from: String
    let until: String
}
