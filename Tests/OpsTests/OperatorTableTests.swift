import Foundation
import Lowering
import Ops
import Testing

@Suite struct OperatorTableTests {
  private static let file = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs/generated/operators.md")

  @Test func committedTableIsCurrent() throws {
    let table = OperatorTable.markdown { NativeSupport.covers($0) ? ["native"] : [] }
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
    let table = OperatorTable.markdown { "\($0)" == "Relu" ? ["native"] : [] }
    let line = table.split(separator: "\n").first { $0.hasPrefix("| `Relu` |") } ?? ""
    #expect(line.hasSuffix("| T: signed | interpreter, native |"))
    #expect(line.contains("1, 6, 13, 14"))
  }
}
