package import Diagnostics
package import Tensors

/// An equation of Einstein's summation convention, read for operands of known ranks.
///
/// Every axis of every operand has a label; an ellipsis stands for labels of its own, counted from the back.
package struct EinsumEquation: Sendable, Hashable {
  package enum Label: Sendable, Hashable {
    case letter(Character)
    /// An axis under the ellipsis: 0 is its last one.
    case ellipsis(Int)
  }

  package let operands: [[Label]]
  package let result: [Label]

  /// - Throws: `attribute.equation` when the text is no equation or does not fit the operands.
  package init(_ text: String, ranks: [Int]) throws(Diagnostic) {
    let compact = text.filter { $0 != " " }
    var left = compact[...]
    var right: Substring?
    if let arrow = compact.firstRange(of: "->") {
      left = compact[..<arrow.lowerBound]
      right = compact[arrow.upperBound...]
    }
    let terms = left.split(separator: ",", omittingEmptySubsequences: false)
    guard terms.count == ranks.count else {
      throw Diagnostic(
        "attribute.equation",
        "equation '\(text)' has \(terms.count) operands, but there are \(ranks.count) inputs")
    }
    var operands: [[Label]] = []
    for (term, rank) in zip(terms, ranks) {
      operands.append(try Self.labels(term, rank: rank, of: text))
    }
    self.operands = operands
    let covered = operands.joined().compactMap { if case .ellipsis(let k) = $0 { k } else { nil } }
    let width = (covered.max() ?? -1) + 1
    let dots = (0..<width).reversed().map { Label.ellipsis($0) }
    guard let right else {
      result = dots + Self.once(operands)
      return
    }
    result = try Self.labels(right, ellipsis: dots, of: text)
    let known = Set(operands.joined())
    for (index, label) in result.enumerated()
    where !known.contains(label) || result[..<index].contains(label) {
      throw Diagnostic(
        "attribute.equation", "the result of '\(text)' has a label twice or one of no operand")
    }
  }

  /// Letters that occur exactly once, in alphabetical order: what an equation without a result keeps.
  private static func once(_ operands: [[Label]]) -> [Label] {
    var counts: [Character: Int] = [:]
    for case .letter(let letter) in operands.joined() { counts[letter, default: 0] += 1 }
    return counts.filter { $0.value == 1 }.keys.sorted().map { .letter($0) }
  }

  private static func labels(
    _ term: Substring, rank: Int, of text: String
  ) throws(Diagnostic) -> [Label] {
    let letters = term.filter { $0 != "." }.count
    let hasDots = letters != term.count
    guard hasDots ? rank >= letters : rank == letters else {
      throw Diagnostic(
        "attribute.equation", "operand '\(term)' of '\(text)' does not fit an input of rank \(rank)"
      )
    }
    return try labels(
      term, ellipsis: (0..<rank - letters).reversed().map { .ellipsis($0) }, of: text)
  }

  private static func labels(
    _ term: Substring, ellipsis: [Label], of text: String
  ) throws(Diagnostic) -> [Label] {
    var labels: [Label] = []
    var rest = term
    var hasDots = false
    while let first = rest.first {
      if rest.hasPrefix("..."), !hasDots {
        labels += ellipsis
        hasDots = true
        rest = rest.dropFirst(3)
      } else if first.isASCII, first.isLetter {
        labels.append(.letter(first))
        rest = rest.dropFirst()
      } else {
        throw Diagnostic("attribute.equation", "'\(first)' in equation '\(text)' is no label")
      }
    }
    return labels
  }

  /// The dimension of every label; a dimension of 1 repeats.
  ///
  /// - Throws: `shape.broadcast` when operands disagree about a label.
  package func dimensions(
    _ shapes: [[IndexExpr]]
  ) throws(Diagnostic) -> [Label: IndexExpr] {
    var found: [Label: IndexExpr] = [:]
    for (labels, shape) in zip(operands, shapes) {
      for (label, dimension) in zip(labels, shape) {
        found[label] = try Broadcasting.shape([found[label] ?? 1], [dimension])[0]
      }
    }
    return found
  }
}
