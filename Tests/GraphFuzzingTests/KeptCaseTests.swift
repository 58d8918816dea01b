import Foundation
import GraphFuzzing
import IR
import Interpreter
import Tensors
import TestSupport
import Testing

/// What random graphs have found, each in its smallest form: `Tests/GraphFuzzingTests/Cases`.
@Suite("kept cases") struct KeptCaseTests {
  private static let folder = RepositoryFolder.path("Tests/GraphFuzzingTests/Cases")
  private static let files: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".ir") }.sorted()
  }()

  private func read(_ file: String) throws -> KeptCase {
    let text = try String(contentsOfFile: "\(Self.folder)/\(file)", encoding: .utf8)
    return try KeptCase(parsing: text, file: file)
  }

  @Test("agree on every engine", arguments: files)
  func agrees(file: String) throws {
    let kept = try read(file)
    var search = DifferenceSearch()
    #expect(search.difference(kept.fuzzed)?.description == nil)
  }

  @Test("give what was recorded where the interpreter was at fault", arguments: files)
  func givesWhatIsExpected(file: String) throws {
    let kept = try read(file)
    guard let expected = kept.expected else { return }
    let found = try Interpreter(kept.fuzzed.graph).run(kept.fuzzed.inputs)
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      let type = try #require(b.tensor?.type)
      #expect(ValueComparison.mismatch(a, b, .oneOperator(type)) == nil)
    }
  }

  @Test("are read back as they were written", arguments: files)
  func roundTrips(file: String) throws {
    let text = try read(file).text
    #expect(try KeptCase(parsing: text, file: file).text == text)
  }
}
