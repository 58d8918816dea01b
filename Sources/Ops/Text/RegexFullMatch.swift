package import Diagnostics
package import IR
package import Tensors

/// Whether each string as a whole matches a regular expression.
///
/// - Input: `X`, strings. Output: `Y`, `bool`, same shape.
/// - Attribute: `pattern` (required), in the common subset of RE2's and Swift's syntax.
/// - Errors: `attribute.pattern` when it does not parse.
/// - Source: ONNX RegexFullMatch-20.
package struct RegexFullMatch: TensorOp {
  package static let schema = OpSchema(
    "RegexFullMatch", versions: [20], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2")], types: ["T1": [.string], "T2": .bool])

  package var pattern: String

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let pattern = try attributes.optionalString("pattern") else {
      throw attributes.missing("pattern")
    }
    self.pattern = pattern
    _ = try Self.compile(pattern)
  }

  package var attributes: Attributes { Attributes { $0.string("pattern", pattern) } }

  private static func compile(_ pattern: String) throws(Diagnostic) -> Regex<AnyRegexOutput> {
    do {
      // RE2's classes and word boundaries are those of ASCII.
      return try Regex(pattern).matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple)
        .asciiOnlyDigits().asciiOnlyWhitespace().asciiOnlyWordCharacters()
    } catch {
      throw Diagnostic("attribute.pattern", "pattern '\(pattern)' does not parse: \(error)")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(.bool, try context.knownShape(0)))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let regex = try Self.compile(pattern)
    let matches = inputs[0].strings.map { text in
      ((try? regex.wholeMatch(in: text)) ?? nil) != nil
    }
    return [Tensor(matches, shape: inputs[0].shape)]
  }
}
