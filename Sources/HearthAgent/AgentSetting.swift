import Demangling
import Logging
import Sampling

/// One key of the configuration, the same in the file and as a flag.
package struct AgentSetting: Sendable {
    /// Dash-case, as in YAML and after `--`.
    package let key: String
    /// Reads the text and sets it; throws what would be right.
    let apply: @Sendable (inout AgentConfiguration, String) throws(SettingProblem) -> Void

    /// Every key there is.
    package static let all: [AgentSetting] = [
        AgentSetting(key: "listen") { configuration, text throws(SettingProblem) in
            guard let address = ListenAddress(text) else {
                throw SettingProblem("“\(text)” is not HOST:PORT, such as 127.0.0.1:4041")
            }
            configuration.listen = address
        },
        AgentSetting(key: "data-dir") { configuration, text throws(SettingProblem) in
            guard !text.isEmpty else { throw SettingProblem("a directory is needed") }
            configuration.dataDirectory = text
        },
        AgentSetting(key: "log-level") { configuration, text throws(SettingProblem) in
            guard let level = Logger.Level(rawValue: text) else {
                let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingProblem("“\(text)” is none of \(levels)")
            }
            configuration.logLevel = level
        },
        AgentSetting(key: "window") { configuration, text throws(SettingProblem) in
            configuration.windowSeconds = try seconds(text, within: 1...3600)
        },
        AgentSetting(key: "frequency") { configuration, text throws(SettingProblem) in
            guard let number = Int(text), let sampling = SamplingConfiguration(frequency: number)
            else {
                let range = SamplingConfiguration.frequencies
                throw SettingProblem(
                    "“\(text)” is not a whole number from \(range.lowerBound) to \(range.upperBound) (Hz)"
                )
            }
            configuration.sampling = sampling
        },
        AgentSetting(key: "memory-budget") { configuration, text throws(SettingProblem) in
            let value = try bytes(text)
            guard value >= MemoryShares.smallestBudget else {
                throw SettingProblem(
                    "“\(text)” is less than 32MiB, which the daemon cannot live in")
            }
            configuration.memoryBudget = value
        },
        AgentSetting(key: "symbol-cache-bytes") { configuration, text throws(SettingProblem) in
            configuration.symbolCacheBytes = try bytes(text)
        },
        AgentSetting(key: "names") { configuration, text throws(SettingProblem) in
            guard let style = NameStyle(rawValue: text) else {
                let styles = NameStyle.allCases.map(\.rawValue).joined(separator: ", ")
                throw SettingProblem("“\(text)” is none of \(styles)")
            }
            configuration.nameStyle = style
        },
        AgentSetting(key: "debuginfod-urls") { configuration, text throws(SettingProblem) in
            let urls = text.split { $0 == "," || $0 == " " }.map { String($0) }
            for url in urls where !url.hasPrefix("http://") && !url.hasPrefix("https://") {
                throw SettingProblem("“\(url)” is no URL like https://debuginfod.debian.net")
            }
            configuration.debuginfodURLs = urls
        },
        AgentSetting(key: "host") { configuration, text throws(SettingProblem) in
            configuration.host = text.isEmpty ? nil : text
        },
        AgentSetting(key: "retention") { configuration, text throws(SettingProblem) in
            configuration.retentionSeconds = try seconds(text, within: 3600...(10 * 366 * 86_400))
        },
        AgentSetting(key: "hourly-retention") { configuration, text throws(SettingProblem) in
            configuration.hourlyRetentionSeconds = try seconds(
                text, within: 3600...(10 * 366 * 86_400))
        },
        AgentSetting(key: "recent-span") { configuration, text throws(SettingProblem) in
            configuration.recentSeconds = try seconds(text, within: 60...86_400)
        },
        AgentSetting(key: "recent-bytes") { configuration, text throws(SettingProblem) in
            configuration.recentBytes = try bytes(text)
        },
        AgentSetting(key: "max-bytes") { configuration, text throws(SettingProblem) in
            configuration.maximumBytes = try bytes(text)
        },
        AgentSetting(key: "min-free-bytes") { configuration, text throws(SettingProblem) in
            configuration.minimumFreeBytes = try bytes(text)
        },
        AgentSetting(key: "allowed-hosts") { configuration, text throws(SettingProblem) in
            configuration.allowedHosts = text.split { $0 == "," || $0 == " " }.map { String($0) }
        },
        AgentSetting(key: "allow-anonymous") { configuration, text throws(SettingProblem) in
            guard let value = Bool(text) else {
                throw SettingProblem("“\(text)” is not true or false")
            }
            configuration.allowAnonymous = value
        },
    ]

    private static func seconds(
        _ text: String, within range: ClosedRange<Int>
    ) throws(SettingProblem) -> Int {
        guard let value = Quantity.seconds(text), range.contains(value) else {
            throw SettingProblem(
                "“\(text)” is not a time from \(range.lowerBound)s to \(range.upperBound)s, such as 10s, 15m, 12h or 7d"
            )
        }
        return value
    }

    private static func bytes(_ text: String) throws(SettingProblem) -> Int64 {
        guard let value = Quantity.bytes(text), value >= 0 else {
            throw SettingProblem("“\(text)” is not a size, such as 500MB, 64MiB or 2GiB")
        }
        return value
    }
}

/// Why a setting's text cannot be used.
struct SettingProblem: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

extension AgentConfiguration {
    /// Sets one key from text, as the file and the flags do.
    package mutating func set(
        _ key: String, to text: String, at place: ConfigurationError.Place? = nil
    ) throws(ConfigurationError) {
        guard let setting = AgentSetting.all.first(where: { $0.key == key }) else {
            let keys = AgentSetting.all.map(\.key).joined(separator: ", ")
            throw ConfigurationError(
                key: key, message: "there is no such key; the keys are \(keys)", place: place)
        }
        do {
            try setting.apply(&self, text)
        } catch {
            throw ConfigurationError(key: key, message: error.message, place: place)
        }
    }
}
