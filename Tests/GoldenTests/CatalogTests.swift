import Foundation
import PassManager
import Passes
import Testing

@Suite("Pass catalog")
struct CatalogTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test("Lists every pass once, in the order of names, under the name of its file")
  func listsFiles() throws {
    let folder = Self.root.appendingPathComponent("Passes")
    var files: [String] = []
    for group in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where group != "Support" && !group.hasSuffix(".swift") {
      files += try FileManager.default.contentsOfDirectory(
        atPath: folder.appendingPathComponent(group).path)
    }
    let expected = files.map { Self.kebab($0.replacingOccurrences(of: ".swift", with: "")) }
      .sorted()
    let listed = PassCatalog.all.map(\.name) + PassCatalog.planned.map(\.name)
    #expect(listed.sorted() == expected)
    #expect(PassCatalog.all.map(\.name).sorted() == PassCatalog.all.map(\.name))
  }

  @Test("Every pass has golden cases")
  func hasCases() {
    for name in PassCatalog.all.map(\.name) + PassCatalog.planned.map(\.name) {
      #expect(
        GoldenFile.all.contains { $0.name.hasPrefix(name + "/") },
        "no golden case of '\(name)'")
    }
  }

  @Test("Every pass runs in a pipeline")
  func isUsed() {
    let used = Set(Pipelines.compile.flatMap(\.steps).flatMap(\.passes).map(\.name))
    #expect(Set(PassCatalog.all.map(\.name)) == used)
  }

  @Test("docs/generated/passes.md is what the catalog says")
  func documentation() throws {
    let path = Self.root.appendingPathComponent("docs/generated/passes.md").path
    let text = PassCatalog.documentation
    if ProcessInfo.processInfo.environment["BLESS"] == "1" {
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(
      try String(contentsOfFile: path, encoding: .utf8) == text,
      "`BLESS=1 swift test --filter GoldenTests` writes it again")
  }

  /// `FoldBatchNormIntoConv` as `fold-batch-norm-into-conv`.
  private static func kebab(_ name: String) -> String {
    name.reduce(into: "") { result, character in
      if character.isUppercase, !result.isEmpty { result += "-" }
      result += character.lowercased()
    }
  }
}
