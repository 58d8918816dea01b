import Foundation
import IR
import Ops
import Testing

@Suite struct CatalogTests {
  /// The folder of the sources of `Ops`, found from this file.
  private static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources/Ops")

  @Test func everyOperatorFileIsInTheCatalog() throws {
    var files: Set<String> = []
    let categories = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    for category in categories where category != "Support" && !category.hasSuffix(".swift") {
      let folder = Self.sources.appending(path: category).path
      for file in try FileManager.default.contentsOfDirectory(atPath: folder)
      where file.hasSuffix(".swift") && !file.contains("+") {
        let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
        guard text.contains("static let schema") else { continue }
        files.insert(String(file.dropLast(".swift".count)))
      }
    }
    let operators = Set(OpCatalog.standard.all.map { "\($0)" })
    #expect(files.subtracting(operators).sorted() == [], "files without a line in the catalog")
    #expect(operators.subtracting(files).sorted() == [], "operators without a file of their name")
  }
}
