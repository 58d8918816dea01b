public import Diagnostics
public import IR
public import Tensors

/// `y = max(x, 0)`, element by element; NaN stays NaN.
///
/// - Input: `X` of any shape and signed type. Output: `Y`, same shape and type.
/// - Source: ONNX Relu-14 (versions 6, 13, 14).
public struct Relu: TensorOp {
  public static let schema = OpSchema(
    "Relu", versions: [1, 6, 13, 14], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .signed])

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    attributes.ignore("consumed_inputs")
  }

  public init() {}

  public var attributes: Attributes { Attributes() }

  public func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  public func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    if x.type == .f32 {
      return [Tensor(x.array(of: Float.self).map { $0 < 0 ? 0 : $0 }, shape: x.shape)]
    }
    return [Tensor(doubles: x.doubles.map { $0 < 0 ? 0 : $0 }, shape: x.shape, type: x.type)]
  }
}
