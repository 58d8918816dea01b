package import Diagnostics
package import IR
import Tensors

/// What an optional holds; a tensor or a sequence is its own element.
///
/// - Input: `input`. Output: `output`.
/// - Errors: `run.empty-optional`.
/// - Source: ONNX OptionalGetElement-18 (versions 15, 18).
package struct OptionalGetElement: Op, AttributeFree {
  package static let schema = OpSchema(
    "OptionalGetElement", versions: [15, 18], inputs: [.required("input", "")],
    outputs: [.required("output", "")])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    guard let type = context.types.first ?? nil else {
      throw Diagnostic("type.missing-input", "input 0 is missing")
    }
    guard case .optional(let element) = type else { return [type] }
    return [element]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    switch inputs.first ?? nil {
    case .optional(let value?)?: return [value]
    case .optional(nil)?, nil:
      throw Diagnostic("run.empty-optional", "the optional holds nothing")
    case let value?: return [value]
    }
  }
}
