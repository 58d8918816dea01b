import Foundation
import Testing

/// One graph of a golden file with its directives and its expectation.
struct GoldenCase: Sendable {
  /// Directives by name, such as `pass`, `stage` and `run`.
  var directives: [String: String] = [:]
  /// The lines of a quantization plan, for passes that carry one out.
  var plan: [String] = []
  /// The graph's text and the line of the file that it starts on, counted from 1.
  var text = ""
  var firstLine = 1
  /// The expected text, as it stands behind `//`.
  var expectation = ""
  /// Everything but the expectation, for blessing.
  var source = ""
  /// Expected messages by line of the file.
  var errors: [Int: String] = [:]
}

/// A golden file: cases separated by `// -----`; directives of the first one hold for all.
struct GoldenFile: Sendable, CustomTestStringConvertible {
  let path: String
  let name: String
  let cases: [GoldenCase]

  var testDescription: String { name }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Cases")

  /// All golden files, sorted by name.
  static let all: [GoldenFile] = {
    let walker = FileManager.default.enumerator(atPath: folder.path)
    let names = (walker?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".ir") }.sorted()
    return names.compactMap { name in
      let path = folder.appendingPathComponent(name).path
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
      return GoldenFile(path: path, name: name, text: text)
    }
  }()

  init(path: String, name: String, text: String) {
    self.path = path
    self.name = name
    var cases: [GoldenCase] = []
    var current = Section()
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if line.hasPrefix("// -----") {
        cases.append(current.finish(inheriting: cases.first))
        current = Section()
      } else {
        current.add(String(line), number: index + 1)
      }
    }
    cases.append(current.finish(inheriting: cases.first))
    self.cases = cases
  }

  /// The file's text with new expectations.
  func text(blessed expectations: [String]) -> String {
    let sections = zip(cases, expectations).map { golden, expectation in
      guard !expectation.isEmpty else { return golden.source + "\n" }
      let comment = expectation.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .map { $0.isEmpty ? "//\n" : "// \($0)\n" }.joined()
      return "\(golden.source)\n\n\(comment)"
    }
    return sections.joined(separator: "\n// -----\n\n")
  }
}

/// Collects the lines of one case.
private struct Section {
  private enum Part {
    case directives
    case graph
    case expectation
  }

  private var part = Part.directives
  private var result = GoldenCase()
  private var source: [String] = []
  private var graph: [String] = []
  private var expectation: [String] = []

  mutating func add(_ line: String, number: Int) {
    if part == .directives, line.hasPrefix("graph") {
      part = .graph
      result.firstLine = number
    }
    if let marker = line.range(of: "// error: ") {
      result.errors[number] = String(line[marker.upperBound...])
    }
    switch part {
    case .directives:
      source.append(line)
      let parts = line.dropFirst(3).split(separator: ":", maxSplits: 1)
      let known = ["pass", "stage", "run", "input", "pipeline"]
      if line.hasPrefix("// plan: ") {
        result.plan.append(String(line.dropFirst("// plan: ".count)))
      } else if line.hasPrefix("// "), parts.count == 2, known.contains(String(parts[0])) {
        result.directives[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
      }
    case .graph:
      source.append(line)
      graph.append(line)
      if line.hasPrefix("}") { part = .expectation }
    case .expectation:
      if line.hasPrefix("//") { expectation.append(String(line.dropFirst(line == "//" ? 2 : 3))) }
    }
  }

  func finish(inheriting first: GoldenCase?) -> GoldenCase {
    var golden = result
    golden.directives = (first?.directives ?? [:]).filter { $0.key != "input" }
      .merging(result.directives) { $1 }
    golden.text = graph.joined(separator: "\n")
    golden.source = source.joined(separator: "\n").trimmingCharacters(in: .newlines)
    golden.expectation = expectation.map { $0 + "\n" }.joined()
    return golden
  }
}
