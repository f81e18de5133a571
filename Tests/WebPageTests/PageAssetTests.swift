import Foundation
import Testing
import WebPage

@Suite struct PageAssetTests {
    /// `web/` of this checkout.
    private let web = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "web")

    @Test func `embeds every file of the page byte for byte`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: web.path).filter {
            !$0.hasPrefix(".")
        }
        #expect(PageAsset.paths == names.map { "/\($0)" }.sorted())
        for name in names {
            let asset = try #require(PageAsset.named("/\(name)"))
            #expect(Data(asset.bytes) == (try Data(contentsOf: web.appending(path: name))))
        }
    }

    @Test func `the page itself is at the root`() throws {
        let page = try #require(PageAsset.named("/"))
        #expect(page.contentType == "text/html; charset=utf-8")
        #expect(String(decoding: page.bytes, as: UTF8.self).hasPrefix("<!doctype html>"))
    }

    @Test func `each asset has an entity tag of its own`() {
        let tags = PageAsset.paths.compactMap { PageAsset.named($0)?.entityTag }
        #expect(Set(tags).count == PageAsset.paths.count)
        for tag in tags { #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count == 34) }
    }

    @Test(arguments: ["/nothing", "/../Package.swift", "", "index.html"])
    func `nothing else is there`(_ path: String) {
        #expect(PageAsset.named(path) == nil)
    }

    @Test func `no file of the page breaks its own security policy`() throws {
        for path in PageAsset.paths {
            let text = String(decoding: try #require(PageAsset.named(path)).bytes, as: UTF8.self)
            for banned in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "javascript:"] {
                #expect(!text.contains(banned), "\(path) has \(banned)")
            }
            guard path.hasSuffix(".html") else { continue }
            #expect(!text.contains("style="))
            #expect(text.matches(of: /\son[a-z]+=/).isEmpty)
            #expect(text.matches(of: /<script(?![^>]*\ssrc=)/).isEmpty)
        }
    }

    @Test func `the page is small`() {
        let size = PageAsset.paths.reduce(0) { $0 + (PageAsset.named($1)?.bytes.count ?? 0) }
        #expect(size <= 150 * 1024)
    }
}
