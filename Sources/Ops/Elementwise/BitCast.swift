public import Diagnostics
public import IR
public import Tensors

/// The same bits read as another element type of the same width.
///
/// - Input: any shape and type but strings. Output: same shape, the type `to`.
/// - Attributes: `to`, a `TensorProto.DataType` number, required.
/// - Errors: `type.bit-width`, `attribute.missing`.
/// - Source: ONNX BitCast-26.
public struct BitCast: TensorOp {
  public static let schema = OpSchema(
    "BitCast", versions: [26], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .storedInPlace, "T2": .storedInPlace])

  public let target: ElementType

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let type = try attributes.elementType("to") else { throw attributes.missing("to") }
    target = type
  }

  public init(to target: ElementType) { self.target = target }

  public var attributes: Attributes { Attributes { $0.int("to", Int(target.rawValue)) } }

  public func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    guard type.element.bitWidth == target.bitWidth else {
      throw Diagnostic(
        "type.bit-width",
        "\(type.element) has \(type.element.bitWidth) bits, expected \(target.bitWidth) as \(target) has"
      )
    }
    return [.tensor(TensorType(target, type.shape))]
  }

  public func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [Tensor(type: target, shape: inputs[0].shape, storage: inputs[0].storage)]
  }
}
