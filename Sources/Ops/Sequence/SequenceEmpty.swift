package import Diagnostics
package import IR
package import Tensors

/// A sequence without elements.
///
/// - Output: `output`, a sequence of tensors.
/// - Attribute: `dtype`, the type of the elements that it may get, `f32` by default.
/// - Source: ONNX SequenceEmpty-11.
package struct SequenceEmpty: Op {
  package static let schema = OpSchema(
    "SequenceEmpty", versions: [11], inputs: [], outputs: [.required("output", "")])

  package let element: ElementType

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    element = try attributes.elementType("dtype") ?? .f32
  }

  package var attributes: Attributes {
    Attributes { $0.int("dtype", Int(element.rawValue), default: Int(ElementType.f32.rawValue)) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.sequence(.tensor(TensorType(element, nil)))]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    [.sequence([])]
  }
}
