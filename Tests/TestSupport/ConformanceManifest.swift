import Foundation

/// Which of the standard's node cases pass on which engine, and why the others do not: one case a line, the engines that it
/// passes on, and behind each `#` an engine and its reason.
///
///     test_abs interpreter native
///     test_bernoulli # interpreter: gives different results every time # native: the same
package struct ConformanceManifest: Sendable {
  private struct Entry {
    var engines: Set<String> = []
    var reasons: [String: String] = [:]

    var isEmpty: Bool { engines.isEmpty && reasons.isEmpty }
  }

  /// Lines before the first case, kept when the file is rewritten.
  private var header: [String] = []
  private var entries: [String: Entry] = [:]

  package init(text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let parts = line.components(separatedBy: "# ")
      let words = parts[0].split(whereSeparator: \.isWhitespace).map(String.init)
      guard let name = words.first else {
        if entries.isEmpty, !line.isEmpty { header.append(String(line)) }
        continue
      }
      var entry = Entry(engines: Set(words.dropFirst()))
      for part in parts.dropFirst() {
        let halves = part.split(separator: ": ", maxSplits: 1)
        guard halves.count == 2 else { continue }
        entry.reasons[String(halves[0])] = halves[1].trimmingCharacters(in: .whitespaces)
      }
      entries[name] = entry
    }
  }

  /// The manifest of a mode that is kept with the tests.
  package static func standard(_ mode: ConformanceMode = .fixed) throws -> ConformanceManifest {
    ConformanceManifest(text: try String(contentsOfFile: path(mode), encoding: .utf8))
  }

  package static func path(_ mode: ConformanceMode) -> String {
    let name = mode == .fixed ? "node" : mode.rawValue
    return RepositoryFolder.path("Tests/ConformanceTests/\(name).txt")
  }

  /// The cases that pass on an engine, sorted.
  package func cases(on engine: String) -> [String] {
    entries.filter { $0.value.engines.contains(engine) }.map(\.key).sorted()
  }

  /// Why cases do not pass on an engine, by name.
  package func reasons(on engine: String) -> [String: String] {
    entries.compactMapValues { $0.reasons[engine] }
  }

  /// All cases that are listed, sorted.
  package var names: [String] { entries.keys.sorted() }

  /// Lists exactly these cases for an engine, and why others do not pass, and leaves what is said about other engines.
  package mutating func set(_ engine: String, _ names: [String], reasons: [String: String] = [:]) {
    for name in entries.keys {
      entries[name]?.engines.remove(engine)
      entries[name]?.reasons[engine] = nil
    }
    for name in names { entries[name, default: Entry()].engines.insert(engine) }
    for (name, reason) in reasons {
      entries[name, default: Entry()].reasons[engine] = reason.replacing("# ", with: "#")
    }
    entries = entries.filter { !$0.value.isEmpty }
  }

  package var text: String {
    let lines = entries.sorted { $0.key < $1.key }.map { name, entry in
      let reasons = entry.reasons.sorted { $0.key < $1.key }.map { " # \($0.key): \($0.value)" }
      return ([name] + entry.engines.sorted()).joined(separator: " ") + reasons.joined()
    }
    return (header + lines).joined(separator: "\n") + "\n"
  }
}
