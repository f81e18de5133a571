import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves a surface on one address, as a service that stops within its group's grace.
package struct SurfaceServer: Service {
    private let application: Application<RouterResponder<BasicRequestContext>>
    private let host: String
    private let port: Int

    /// At once; more wait until one closes. A process may have 1,024 descriptors, and sampling and
    /// the store need some.
    private static let connections = 512

    /// `port` 0 takes a free one; `whenListening` gets the port in any case.
    package init(
        _ surface: HTTPSurface, host: String, port: Int, logger: Logger,
        whenListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        application = Application(
            router: surface.router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connections)),
            onServerRunning: { channel in
                await whenListening(channel.localAddress?.port ?? port)
            },
            logger: logger)
    }

    /// Serves until graceful shutdown. Throws `ListenError` when the address cannot be had.
    package func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError {
            throw ListenError(host: host, port: port, errno: error.errnoCode)
        }
    }
}

/// An address that could not be listened on, and what to do.
package struct ListenError: Error, Hashable, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let errno: Int32

    package var description: String {
        let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        switch errno {
        case EADDRINUSE:
            return
                "\(address) is in use: another agent may run (`ss -ltnp 'sport = :\(port)'` shows "
                + "who listens); stop it, or choose another port with --listen HOST:PORT"
        case EADDRNOTAVAIL:
            return "\(address) is no address of this machine (`ip address` lists them); choose one "
                + "with --listen HOST:PORT"
        case EACCES:
            return
                "\(address) needs privileges, as every port below 1024 does; choose a higher one "
                + "with --listen HOST:PORT"
        default:
            return "cannot listen on \(address): \(unsafe String(cString: strerror(errno)))"
        }
    }
}
