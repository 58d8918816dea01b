package import Diagnostics
package import IR
import Tensors

/// Whether an optional holds something; a tensor or a sequence always does, and an input that is left out never.
///
/// - Input: `input`, optional. Output: `output`, one boolean.
/// - Source: ONNX OptionalHasElement-18 (versions 15, 18).
package struct OptionalHasElement: Op, AttributeFree {
  package static let schema = OpSchema(
    "OptionalHasElement", versions: [15, 18], inputs: [.optional("input", "")],
    outputs: [.required("output", "B")], types: ["B": .bool])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(.bool, [])]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let hasElement: Bool
    switch inputs.first ?? nil {
    case .optional(nil)?, nil: hasElement = false
    default: hasElement = true
    }
    return [.tensor(Tensor(scalar: hasElement))]
  }
}
