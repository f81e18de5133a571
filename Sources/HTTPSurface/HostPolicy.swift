import Glibc

/// By which names and addresses this surface may be reached. Loopback is not private: a page of any
/// origin can point a name of its own at 127.0.0.1 (DNS rebinding), but then that name is in `Host`.
package struct HostPolicy: Sendable {
    private let names: Set<String>
    private let addresses: Set<[UInt8]>
    /// Listening on every address: then any address literal is ours, since rebinding needs a name.
    private let allowsAnyAddress: Bool

    /// `extra`: names by which a proxy, or a person, reaches this node.
    package init(listenHost: String, extra: [String] = []) {
        var names: Set = ["localhost"]
        var addresses: Set<[UInt8]> = []
        for host in [listenHost] + extra {
            let host = Self.normalized(host)
            if let address = Self.address(host) {
                addresses.insert(address)
            } else {
                names.insert(host)
            }
        }
        allowsAnyAddress = addresses.contains { address in address.allSatisfy { $0 == 0 } }
        self.names = names
        self.addresses = addresses
    }

    /// Whether `authority`, a `Host` header's value, names this surface.
    func allows(authority: String) -> Bool {
        guard let host = Self.host(of: authority) else { return false }
        guard let address = Self.address(host) else { return names.contains(host) }
        return allowsAnyAddress || Self.isLoopback(address) || addresses.contains(address)
    }

    /// The host of `host`, `host:port`, `[address]` or `[address]:port`; nil when it is none of them.
    static func host(of authority: String) -> String? {
        var rest = authority[...]
        var host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != ":" }
            rest = rest[host.endIndex...]
        }
        if !rest.isEmpty {
            let port = rest.dropFirst()
            guard rest.first == ":", port.allSatisfy({ $0.isASCII && $0.isNumber }) else {
                return nil
            }
        }
        return host.isEmpty ? nil : normalized(String(host))
    }

    private static func normalized(_ host: String) -> String {
        let lower = host.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }

    /// Four bytes, or sixteen, of an address literal in its plain spelling.
    private static func address(_ host: String) -> [UInt8]? {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            return withUnsafeBytes(of: four) { unsafe Array($0) }
        }
        var sixteen = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &sixteen) == 1 else { return nil }
        return withUnsafeBytes(of: sixteen) { unsafe Array($0) }
    }

    private static func isLoopback(_ address: [UInt8]) -> Bool {
        if address.count == 4 { return address[0] == 127 }
        let isMapped = address.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        if isMapped { return address[12] == 127 }
        return address.dropLast().allSatisfy { $0 == 0 } && address.last == 1
    }
}
