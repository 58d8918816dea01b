package import Diagnostics
package import IR
import Tensors

/// The element of a sequence at a position.
///
/// - Inputs: `input_sequence`; `position`, one `i32` or `i64`, negative ones from the end. Output: `tensor`.
/// - Errors: `type.not-a-sequence`, `run.sequence-position`.
/// - Source: ONNX SequenceAt-11.
package struct SequenceAt: Op, AttributeFree {
  package static let schema = OpSchema(
    "SequenceAt", versions: [11],
    inputs: [.required("input_sequence", ""), .required("position", "I")],
    outputs: [.required("tensor", "")], types: ["I": .indices])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [try context.sequenceElement(0).asOneElement { context.freshDimension(axis: $0) }]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let elements = try SequenceOperands.elements(inputs[0])
    let position = try SequenceOperands.position(
      inputs[1], count: elements.count, limit: elements.count)
    return [elements[position]]
  }
}
