package import Diagnostics
package import IR
import Tensors

/// The number of elements of a sequence.
///
/// - Input: `input_sequence`. Output: `length`, one `i64`.
/// - Errors: `type.not-a-sequence`.
/// - Source: ONNX SequenceLength-11.
package struct SequenceLength: Op, AttributeFree {
  package static let schema = OpSchema(
    "SequenceLength", versions: [11], inputs: [.required("input_sequence", "")],
    outputs: [.required("length", "I")], types: ["I": .i64])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    _ = try context.sequenceElement(0)
    return [.tensor(.i64, [])]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    [.tensor(Tensor(scalar: Int64(try SequenceOperands.elements(inputs[0]).count)))]
  }
}
