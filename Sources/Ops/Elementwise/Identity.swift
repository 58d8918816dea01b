package import Diagnostics
package import IR
package import Tensors

/// The output is the input, whatever it is: a tensor, a sequence or an optional.
///
/// - Source: ONNX Identity-25 (versions 1, 13, 14, 16, 19, 21, 23, 24, 25).
package struct Identity: Op, AttributeFree, ContentInferring {
  package static let schema = OpSchema(
    "Identity", versions: [1, 13, 14, 16, 19, 21, 23, 24, 25], inputs: [.required("input", "")],
    outputs: [.required("output", "")])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let type = context.types.first ?? nil else {
      throw Diagnostic("type.missing-input", "input 0 is missing")
    }
    return [type]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    guard let value = inputs.first ?? nil else {
      throw Diagnostic("type.missing-input", "input 0 is missing")
    }
    return [value]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.contents(0)]
  }
}
