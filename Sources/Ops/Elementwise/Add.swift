public import Diagnostics
public import IR
public import Tensors

/// `c = a + b` with multidirectional broadcasting; integers wrap.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Add-14 (versions 7, 13, 14).
public struct Add: TensorOp {
  public static let schema = OpSchema(
    "Add", versions: [7, 13, 14], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .numeric])

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  public init() {}

  public var attributes: Attributes { Attributes() }

  public func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try Broadcasting.shape(try context.shape(0), try context.shape(1))
    return [.tensor(try context.element(0), shape)]
  }

  public func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let a = inputs[0]
    let b = inputs[1]
    let shape = try Broadcasting.shape(a.shape, b.shape)
    if let p = a.integers, let q = b.integers {
      var sums: [Int] = []
      Broadcasting.forEach(shape, a.shape, b.shape) { sums.append(p[$0] &+ q[$1]) }
      return [Tensor(integers: sums, shape: shape, type: a.type)]
    }
    let p = a.doubles
    let q = b.doubles
    var sums: [Double] = []
    Broadcasting.forEach(shape, a.shape, b.shape) { sums.append(p[$0] + q[$1]) }
    return [Tensor(doubles: sums, shape: shape, type: a.type)]
  }
}
