package import Diagnostics
import Tensors

extension QuantizationPlan {
  private static let heading = "martlet quantization plan 1"

  /// One entry per line:
  ///
  ///     migrate "h" 0.5 2.0                       # what the channels are divided by
  ///     value "x" u8 scale 0.0186 zero 114        # min-max
  ///     value "w" i8 axis 0 scale 0.1 0.2 zero 0
  ///     integer "conv"
  ///     wide "dft"
  ///     float "mel" damage 1.68
  ///     bias "conv" 0.001 -0.0002                 # is added to the bias of an integer layer
  ///
  /// Numbers are the shortest that read back exactly; one zero point stands for all when they are equal.
  package var text: String {
    var lines = [Self.heading, ""]
    for entry in migrations {
      lines.append("migrate \(Self.quoted(entry.name)) \(Self.spelled(entry.factors))")
    }
    for entry in values {
      let found = entry.parameters
      let isShared = Set(found.zeroPoints).count == 1
      let points = isShared ? [found.zeroPoints[0]] : found.zeroPoints
      lines.append(
        "value \(Self.quoted(entry.name)) \(found.type)" + (found.axis.map { " axis \($0)" } ?? "")
          + " scale " + found.scales.map(\.description).joined(separator: " ") + " zero "
          + points.map(\.description).joined(separator: " ")
          + (entry.source.isEmpty ? "" : "  # \(entry.source)"))
    }
    lines.append("")
    for entry in nodes {
      switch entry.precision {
      case .wide: lines.append("wide \(Self.quoted(entry.name))")
      case .integer: lines.append("integer \(Self.quoted(entry.name))")
      case .float(let reason): lines.append("float \(Self.quoted(entry.name)) \(reason)")
      }
    }
    for entry in biases {
      lines.append(
        "bias \(Self.quoted(entry.name)) \(Self.spelled(entry.summands))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func spelled(_ numbers: [Float]) -> String {
    numbers.map(\.description).joined(separator: " ")
  }

  private static func quoted(_ name: String) -> String {
    "\""
      + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
        "\n", with: "\\n")
      + "\""
  }

  /// Reads what `text` writes; blank lines and what follows `#` outside names are skipped.
  ///
  /// - Throws: `plan.format`, located at the line.
  package init(text: String, file: String) throws(Diagnostic) {
    self.init()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first?.trimmingSpaces == Self.heading[...] else {
      throw Diagnostic(
        "plan.format", "expected '\(Self.heading)'", at: .line(file: file, line: 1))
    }
    for (number, line) in lines.enumerated().dropFirst() {
      let content = line.trimmingSpaces
      if content.isEmpty || content.hasPrefix("#") { continue }
      do throws(Diagnostic) {
        try read(content)
      } catch {
        throw error.located(at: .line(file: file, line: number + 1))
      }
    }
  }

  private mutating func read(_ line: Substring) throws(Diagnostic) {
    let keyword = line.prefix { $0 != " " }
    let (name, rest) = try Self.name(line.dropFirst(keyword.count).trimmingSpaces)
    switch keyword {
    case "integer": nodes.append(NodeEntry(name: name, precision: .integer))
    case "bias": biases.append(BiasEntry(name: name, summands: try Self.numbers(rest)))
    case "migrate":
      let factors = try Self.numbers(rest)
      guard factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw Diagnostic("plan.format", "expected positive factors")
      }
      migrations.append(MigrationEntry(name: name, factors: factors))
    case "wide": nodes.append(NodeEntry(name: name, precision: .wide))
    case "float":
      let reason = String(rest.trimmingSpaces)
      nodes.append(NodeEntry(name: name, precision: .float(reason: reason)))
    case "value":
      let parts = rest.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
      let source = parts.count > 1 ? String(parts[1].trimmingSpaces) : ""
      values.append(
        ValueEntry(name: name, parameters: try Self.parameters(parts[0]), source: source))
    default:
      throw Diagnostic(
        "plan.format",
        "found '\(keyword)', expected 'value', 'integer', 'wide', 'float', 'bias' or 'migrate'")
    }
  }

  private static func name(_ text: Substring) throws(Diagnostic) -> (String, Substring) {
    var name = ""
    var isEscaped = false
    guard text.first == "\"" else {
      throw Diagnostic("plan.format", "expected a name in double quotes")
    }
    for index in text.indices.dropFirst() {
      let character = text[index]
      if isEscaped {
        name.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        return (name, text[text.index(after: index)...])
      } else {
        name.append(character)
      }
    }
    throw Diagnostic("plan.format", "the name's closing quote is missing")
  }

  private static func parameters(_ text: Substring) throws(Diagnostic) -> QuantizationParameters {
    var words = text.split(separator: " ")[...]
    let spelled = words.popFirst() ?? ""
    guard let type = [ElementType.u8, .i8, .i16].first(where: { $0.description == spelled }) else {
      throw Diagnostic("plan.format", "found type '\(spelled)', expected u8, i8 or i16")
    }
    var axis: Int?
    if words.first == "axis" {
      words = words.dropFirst()
      axis = words.popFirst().flatMap { Int($0) }
    }
    let scales = numbers(&words, after: "scale") { Float($0) }
    let points = numbers(&words, after: "zero") { Int($0) }
    let result = QuantizationParameters(
      type: type, axis: axis, scales: scales,
      zeroPoints: points.count == 1 ? Array(repeating: points[0], count: scales.count) : points)
    guard words.isEmpty, !scales.isEmpty, result.zeroPoints.count == scales.count,
      scales.allSatisfy({ $0 > 0 && $0.isFinite }), axis != nil || scales.count == 1,
      result.zeroPoints.allSatisfy({ result.integers.contains($0) })
    else {
      throw Diagnostic(
        "plan.format",
        "expected '[axis A] scale S... zero Z...' with positive scales and zero points in \(result.integers)"
      )
    }
    return result
  }

  private static func numbers(_ text: Substring) throws(Diagnostic) -> [Float] {
    let words = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
      .split(separator: " ")
    let numbers = words.compactMap { Float($0) }
    guard numbers.count == words.count else {
      throw Diagnostic("plan.format", "expected numbers behind the name")
    }
    return numbers
  }

  private static func numbers<T>(
    _ words: inout ArraySlice<Substring>, after keyword: Substring, _ read: (Substring) -> T?
  ) -> [T] {
    guard words.first == keyword else { return [] }
    words = words.dropFirst()
    var found: [T] = []
    while let word = words.first, let number = read(word) {
      found.append(number)
      words = words.dropFirst()
    }
    return found
  }
}

extension Substring {
  /// Without spaces at both ends.
  fileprivate var trimmingSpaces: Substring {
    var result = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    while let last = result.last, last == " " || last == "\t" || last == "\r" {
      result.removeLast()
    }
    return result
  }
}
