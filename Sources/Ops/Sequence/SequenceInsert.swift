package import Diagnostics
package import IR
import Tensors

/// A sequence with one more element.
///
/// - Inputs: `input_sequence`; `tensor`, of the type of its elements; `position`, optional, one `i32` or `i64`: the element
///   that it comes before, negative ones from the end; behind all by default. Output: `output_sequence`.
/// - Errors: `type.not-a-sequence`, `type.variable`, `run.sequence-position`.
/// - Source: ONNX SequenceInsert-11.
package struct SequenceInsert: Op, AttributeFree {
  package static let schema = OpSchema(
    "SequenceInsert", versions: [11],
    inputs: [
      .required("input_sequence", ""), .required("tensor", "T"), .optional("position", "I"),
    ],
    outputs: [.required("output_sequence", "")], types: ["T": .all, "I": .indices])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let tensor = ValueType.tensor(try context.tensorType(1))
    return [.sequence(try context.sequenceElement(0).joinedElements(with: tensor))]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    var elements = try SequenceOperands.elements(inputs[0])
    guard let tensor = inputs[1] else {
      throw Diagnostic("type.missing-input", "input 1 is missing")
    }
    var position = elements.count
    if inputs.count > 2, let given = inputs[2] {
      position = try SequenceOperands.position(
        given, count: elements.count, limit: elements.count + 1)
    }
    elements.insert(tensor, at: position)
    return [.sequence(elements)]
  }
}
