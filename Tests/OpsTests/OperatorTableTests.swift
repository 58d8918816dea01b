import Foundation
import Lowering
import Ops
import TestSupport
import Testing

@Suite struct OperatorTableTests {
  private static let file = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs/generated/operators.md")

  @Test func committedTableIsCurrent() throws {
    let (operators, manifest) = (
      try ConformanceOperators.standard(), try ConformanceManifest.standard()
    )
    let table = OperatorTable.markdown(
      engines: { NativeSupport.covers($0) ? ["native"] : [] },
      cases: { operators.summary(of: $0, manifest) })
    if ProcessInfo.processInfo.environment["BLESS"] == "1" {
      try FileManager.default.createDirectory(
        at: Self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try table.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    let committed = (try? String(contentsOf: Self.file, encoding: .utf8)) ?? ""
    #expect(
      committed == table, "run the test with BLESS=1 to write docs/generated/operators.md again")
  }

  @Test func namesEngines() {
    let table = OperatorTable.markdown(
      engines: { "\($0)" == "Relu" ? ["native"] : [] }, cases: { $0 == "Relu" ? "3 / 2 of 4" : "" })
    let line = table.split(separator: "\n").first { $0.hasPrefix("| `Relu` |") } ?? ""
    #expect(line.hasSuffix("| T: signed | interpreter, native | 3 / 2 of 4 |"))
    #expect(line.contains("1, 6, 13, 14"))
  }
}
