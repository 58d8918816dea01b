package import Diagnostics
package import IR
package import Tensors

/// The same bits read as another element type of the same width.
///
/// - Input: any shape and type but strings. Output: same shape, the type `to`.
/// - Attributes: `to`, a `TensorProto.DataType` number, required.
/// - Errors: `type.bit-width`, `attribute.missing`.
/// - Source: ONNX BitCast-26.
package struct BitCast: TensorOp {
  package static let schema = OpSchema(
    "BitCast", versions: [26], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .storedInPlace, "T2": .storedInPlace])

  package let target: ElementType

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let type = try attributes.elementType("to") else { throw attributes.missing("to") }
    target = type
  }

  package init(to target: ElementType) { self.target = target }

  package var attributes: Attributes { Attributes { $0.int("to", Int(target.rawValue)) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    guard type.element.bitWidth == target.bitWidth else {
      throw Diagnostic(
        "type.bit-width",
        "\(type.element) has \(type.element.bitWidth) bits, expected \(target.bitWidth) as \(target) has"
      )
    }
    return [.tensor(TensorType(target, type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [Tensor(type: target, shape: inputs[0].shape, storage: inputs[0].storage)]
  }
}
