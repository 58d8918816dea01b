package import Diagnostics
package import IR
package import Tensors

/// `y` is true where `x` is NaN.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, booleans of the same shape.
/// - Source: ONNX IsNaN-20 (versions 9, 13, 20).
package struct IsNaN: TensorOp, AttributeFree {
  package static let schema = OpSchema(
    "IsNaN", versions: [9, 13, 20], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2")], types: ["T1": .floatsAndFloat8, "T2": .bool])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(.bool, try context.tensorType(0).shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    if x.type == .f32 { return [x.map(Float.self) { $0.isNaN }] }
    return [Tensor(x.doubles.map(\.isNaN), shape: x.shape)]
  }
}
