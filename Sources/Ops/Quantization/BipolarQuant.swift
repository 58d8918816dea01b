package import Diagnostics
package import IR
package import Tensors

/// `y = x >= 0 ? scale : -scale`: numbers rounded to one bit; NaN gives `-scale`.
///
/// - Inputs: `x` and `scale`, f32, of shapes that broadcast. Output: `y`, f32, of the shape that both broadcast to.
/// - Errors: `shape.broadcast`.
/// - Source: QONNX 1.0 BipolarQuant-1.
package struct BipolarQuant: TensorOp, AttributeFree, Elementwise {
  package static let schema = OpSchema(
    "BipolarQuant", domain: IntQuant.domain, versions: [1],
    inputs: [.required("x", "T"), .required("scale", "T")], outputs: [.required("y", "T")],
    types: ["T": [.f32]])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(.f32, try Broadcasting.shape(try context.shape(0), try context.shape(1)))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    [try Broadcasting.zip(inputs[0], inputs[1], Signed())]
  }
}

private struct Signed: PairFunction {
  func callAsFunction(_ x: Float, _ scale: Float) -> Float { x >= 0 ? scale : -scale }
}
