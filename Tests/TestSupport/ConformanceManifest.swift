import Foundation

/// Which of the standard's node cases pass on which engine: one case a line, then the engines; `#` starts a comment.
package struct ConformanceManifest: Sendable {
  /// Lines before the first case, kept when the file is rewritten.
  private var header: [String] = []
  private var engines: [String: Set<String>] = [:]

  package init(text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
      if let name = words.first {
        engines[name] = Set(words.dropFirst())
      } else if engines.isEmpty, !line.isEmpty {
        header.append(String(line))
      }
    }
  }

  /// The manifest that is kept with the tests.
  package static func standard() throws -> ConformanceManifest {
    ConformanceManifest(text: try String(contentsOfFile: standardPath, encoding: .utf8))
  }

  package static let standardPath = RepositoryFolder.path("Tests/ConformanceTests/node.txt")

  /// The cases that pass on an engine, sorted.
  package func cases(on engine: String) -> [String] {
    engines.filter { $0.value.contains(engine) }.map(\.key).sorted()
  }

  /// Lists exactly these cases for an engine and leaves what is said about others.
  package mutating func set(_ engine: String, _ names: [String]) {
    for name in engines.keys { engines[name]?.remove(engine) }
    for name in names { engines[name, default: []].insert(engine) }
    engines = engines.filter { !$0.value.isEmpty }
  }

  package var text: String {
    let lines = engines.sorted { $0.key < $1.key }.map { name, engines in
      "\(name) \(engines.sorted().joined(separator: " "))"
    }
    return (header + lines).joined(separator: "\n") + "\n"
  }
}
