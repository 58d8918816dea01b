package import Diagnostics
package import IR
package import Tensors

/// The convolution of 8-bit operands less their zero points, exact in 32 bits, as single-precision numbers.
///
/// `y = float(B + acc) * multiplier`, where `acc` is the sum of `(x - x_zero_point) * (w - w_zero_point)` and padding is
/// zero after the subtraction: what a convolution between DequantizeLinear operators means in integers. The sum wraps in
/// 32 bits and the product is rounded once, so every engine gives the same bits.
///
/// - Inputs: `x` `[N, C, D1...Dn]`, `w` `[M, C / group, k1...kn]`, scalar `x_zero_point`, `w_zero_point` and `multiplier`,
///   scalars or `[M]`, optional `B` `[M]`, i32. Output: `y` `[N, M, O1...On]`, f32.
/// - Errors: those of `Conv`; `shape.zero-point`, `shape.scale`.
/// - Source: Martlet's own, after ONNX QLinearConv-10; Jacob et al. 2018, arXiv:1712.05877, section 2.2.
package struct ConvIntegerToFloat: QuantizedConvolution, MultipliedIntegerLayer {
  package static let schema = OpSchema(
    "ConvIntegerToFloat", domain: "martlet", versions: [1],
    inputs: [
      .required("x", "T1"), .required("w", "T2"), .required("x_zero_point", "T1"),
      .required("w_zero_point", "T2"), .required("multiplier", "F"), .optional("B", "T3"),
    ],
    outputs: [.required("y", "F")],
    types: ["T1": [.i8, .u8], "T2": [.i8, .u8], "T3": [.i32], "F": [.f32]])

  package var group: Int
  package var window: WindowAttributes

  package init(group: Int = 1, window: WindowAttributes = WindowAttributes()) {
    self.group = group
    self.window = window
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(1)
    let bias = context.hasInput(5) ? try context.shape(5) : nil
    let geometry = try geometry(x: x, w: w, bias: bias)
    return [.tensor(.f32, [x[0], w[0]] + geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (sums, shape) = try sums(inputs[0], inputs[2], inputs[1], inputs[3])
    try ConvolutionShape.checkBias(inputs.optional(5)?.symbolicShape, filters: IndexExpr(shape[1]))
    let plane = shape.dropFirst(2).reduce(1, *)
    return [try multiplied(sums, shape: shape, channels: shape[1], plane: plane, inputs)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    products(context, x: 0, w: 1)
  }
}
