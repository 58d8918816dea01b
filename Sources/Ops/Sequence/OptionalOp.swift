package import Diagnostics
package import IR
import Tensors

/// An optional that holds the input, or one that holds nothing.
///
/// The struct's name leaves `Optional` to the standard library.
///
/// - Input: `input`, optional, a tensor or a sequence. Output: `output`.
/// - Attribute: `type`, the type of what an empty optional would hold; required without an input.
/// - Errors: `attribute.missing`.
/// - Source: ONNX Optional-15.
package struct OptionalOp: Op {
  package static let schema = OpSchema(
    "Optional", versions: [15], inputs: [.optional("input", "")],
    outputs: [.required("output", "")])

  package let element: ValueType?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    element = try attributes.valueType("type")
  }

  package var attributes: Attributes {
    Attributes { if let element { $0["type"] = .type(element) } }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    if let type = context.types.first ?? nil { return [.optional(type)] }
    guard let element else {
      throw Diagnostic("attribute.missing", "attribute 'type' is missing, and so is the input")
    }
    return [.optional(element)]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    [.optional(inputs.first ?? nil)]
  }
}
