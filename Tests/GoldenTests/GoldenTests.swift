import Diagnostics
import Foundation
import Testing

@Suite("Golden files")
struct GoldenTests {
  private let blesses = ProcessInfo.processInfo.environment["BLESS"] == "1"

  @Test("Cases", arguments: GoldenFile.all)
  func cases(file: GoldenFile) throws {
    var expectations: [String] = []
    for golden in file.cases {
      let outcome = GoldenRunner(file: file, golden: golden).run()
      expectations.append(outcome.text)
      check(outcome, golden, file)
    }
    if blesses {
      try file.text(blessed: expectations).write(
        toFile: file.path, atomically: true, encoding: .utf8)
    }
  }

  private func check(_ outcome: GoldenRunner.Outcome, _ golden: GoldenCase, _ file: GoldenFile) {
    let place = "\(file.name):\(golden.firstLine)"
    for failure in outcome.failures { Issue.record("\(place): \(failure)") }
    var missing = golden.errors
    for found in outcome.diagnostics {
      guard case .line(file: _, let line) = found.location, let expected = missing[line],
        found.description.contains(expected)
      else {
        Issue.record("\(place): not expected: \(found)")
        continue
      }
      missing[line] = nil
    }
    for (line, expected) in missing.sorted(by: { $0.key < $1.key }) {
      Issue.record("\(file.name):\(line): no message contains '\(expected)'")
    }
    if !blesses, outcome.text != golden.expectation {
      Issue.record(
        """
        \(place): found
        \(outcome.text)
        expected
        \(golden.expectation)
        (`BLESS=1 swift test --filter GoldenTests` writes what was found into the file)
        """)
    }
  }
}
