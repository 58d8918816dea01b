import Foundation
package import IR

/// Which operators each of the standard's node cases is about: one case a line, then their qualified names.
///
/// A case with the suffix `_expanded` writes out the function of another one, and is about that one's operators.
package struct ConformanceOperators: Sendable {
  private var operators: [String: Set<String>] = [:]

  package init(text: String) {
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ").map(String.init)
      if let name = words.first { operators[name] = Set(words.dropFirst()) }
    }
  }

  /// The list that is kept with the tests.
  package static func standard() throws -> ConformanceOperators {
    ConformanceOperators(text: try String(contentsOfFile: standardPath, encoding: .utf8))
  }

  package static let standardPath = RepositoryFolder.path("Tests/ConformanceTests/operators.txt")

  /// Records what a case's model is made of.
  package mutating func set(_ name: String, _ graph: Graph) {
    operators[name] = Set(graph.nodeIDs.map { graph[$0].opName })
  }

  /// How many cases an operator has, and how many pass on each engine, as `interpreter / native of all`; empty where there
  /// are none.
  package func summary(of op: String, _ manifest: ConformanceManifest) -> String {
    let own = Set(operators.keys.filter { subject(of: $0).contains(op) })
    if own.isEmpty { return "" }
    let passing = ["interpreter", "native"].map { engine in
      String(own.intersection(manifest.cases(on: engine)).count)
    }
    return "\(passing.joined(separator: " / ")) of \(own.count)"
  }

  private func subject(of name: String) -> Set<String> {
    guard let suffix = name.range(of: "_expanded") else { return operators[name] ?? [] }
    return operators[String(name[..<suffix.lowerBound])] ?? operators[name] ?? []
  }

  package var text: String {
    let header = """
      # The operators that each of the standard's node cases is made of.
      # `martlet-dev conformance --update` writes it.

      """
    let lines = operators.sorted { $0.key < $1.key }.map { name, operators in
      ([name] + operators.sorted()).joined(separator: " ")
    }
    return header + lines.joined(separator: "\n") + "\n"
  }
}
