package import Diagnostics
package import IR
import Tensors

/// A sequence of the inputs, in their order.
///
/// - Inputs: tensors of one type, at least one. Output: `output_sequence`.
/// - Errors: `type.variable`.
/// - Source: ONNX SequenceConstruct-11.
package struct SequenceConstruct: Op, AttributeFree {
  package static let schema = OpSchema(
    "SequenceConstruct", versions: [11], inputs: [.variadic("inputs", "T")],
    outputs: [.required("output_sequence", "")], types: ["T": .all])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var element: ValueType?
    for type in context.types {
      guard let type else { continue }
      element = try element?.joinedElements(with: type) ?? type.asElement
    }
    guard let element else { throw Diagnostic("type.missing-input", "input 0 is missing") }
    return [.sequence(element)]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    [.sequence(inputs.compactMap { $0 })]
  }
}
