package import Diagnostics
package import IR
import Tensors

/// A sequence without the element at a position.
///
/// - Inputs: `input_sequence`; `position`, optional, one `i32` or `i64`, negative ones from the end; the last one by default.
///   Output: `output_sequence`.
/// - Errors: `type.not-a-sequence`, `run.sequence-position`.
/// - Source: ONNX SequenceErase-11.
package struct SequenceErase: Op, AttributeFree {
  package static let schema = OpSchema(
    "SequenceErase", versions: [11],
    inputs: [.required("input_sequence", ""), .optional("position", "I")],
    outputs: [.required("output_sequence", "")], types: ["I": .indices])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.sequence(try context.sequenceElement(0))]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    var elements = try SequenceOperands.elements(inputs[0])
    let last = Value.tensor(Tensor(scalar: Int64(-1)))
    let position = inputs.count > 1 ? inputs[1] ?? last : last
    elements.remove(
      at: try SequenceOperands.position(position, count: elements.count, limit: elements.count))
    return [.sequence(elements)]
  }
}
