package import Diagnostics
package import IR
package import Tensors

/// Leaves out stop words and changes the case of the others.
///
/// - Input: `X`, strings of shape `[C]` or `[1, C]`. Output: `Y`, the words that stay, one empty string when none does; how
///   many is known when it runs.
/// - Attributes: `case_change_action`: LOWER, UPPER or NONE; `is_case_sensitive`: how stop words are compared, false by
///   default; `stopwords`; `locale`: kept, and without effect, since cases follow Unicode's own rules.
/// - Errors: `attribute.value`, `shape.rank-mismatch`.
/// - Source: ONNX StringNormalizer-10.
package struct StringNormalizer: TensorOp {
  package static let schema = OpSchema(
    "StringNormalizer", versions: [10], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": [.string]])

  package var caseChange: String
  package var isCaseSensitive: Bool
  package var stopWords: [String]?
  package var locale: String?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    caseChange = try attributes.string(
      "case_change_action", default: "NONE", oneOf: ["LOWER", "UPPER", "NONE"])
    isCaseSensitive = try attributes.flag("is_case_sensitive")
    stopWords = try attributes.strings("stopwords")
    locale = try attributes.optionalString("locale")
  }

  package var attributes: Attributes {
    Attributes {
      $0.string("case_change_action", caseChange, default: "NONE")
      $0.flag("is_case_sensitive", isCaseSensitive)
      $0.strings("stopwords", stopWords)
      $0.string("locale", locale)
    }
  }

  private func check(_ shape: [IndexExpr]) throws(Diagnostic) {
    guard shape.count == 1 || (shape.count == 2 && (shape[0].value ?? 1) == 1) else {
      throw Diagnostic(
        "shape.rank-mismatch", "the input has shape \(shape), expected [C] or [1, C]")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let shape = try context.knownShape(0) else {
      return [.tensor(TensorType(.string, nil))]
    }
    try check(shape)
    return [.tensor(.string, shape.dropLast() + [context.freshDimension(axis: shape.count - 1)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let shape = inputs[0].shape
    try check(shape.expressions)
    let compared = { (word: String) in ScalarText(isCaseSensitive ? word : word.lowercased()) }
    let stops = Set((stopWords ?? []).map(compared))
    let kept = inputs[0].strings.filter { !stops.contains(compared($0)) }
    let changed = kept.map { word in
      switch caseChange {
      case "LOWER": word.lowercased()
      case "UPPER": word.uppercased()
      default: word
      }
    }
    let result = changed.isEmpty ? [""] : changed
    return [Tensor(strings: result, shape: shape.dropLast() + [result.count])]
  }
}
