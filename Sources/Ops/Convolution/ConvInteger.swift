package import Diagnostics
package import IR
package import Tensors

/// The convolution of 8-bit operands less their zero points, in exact 32-bit integers.
///
/// - Inputs: `x` `[N, C, D1...Dn]`, `w` `[M, C / group, k1...kn]`, optional scalar `x_zero_point`, optional
///   `w_zero_point`, a scalar or `[M]`. Output: `y` `[N, M, O1...On]`, i32.
/// - Errors: those of `Conv`; `shape.zero-point`.
/// - Source: ONNX ConvInteger-10.
package struct ConvInteger: QuantizedConvolution {
  package static let schema = OpSchema(
    "ConvInteger", versions: [10],
    inputs: [
      .required("x", "T1"), .required("w", "T2"), .optional("x_zero_point", "T1"),
      .optional("w_zero_point", "T2"),
    ],
    outputs: [.required("y", "T3")], types: ["T1": [.i8, .u8], "T2": [.i8, .u8], "T3": [.i32]])

  package var group: Int
  package var window: WindowAttributes

  package init(group: Int = 1, window: WindowAttributes = WindowAttributes()) {
    self.group = group
    self.window = window
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(1)
    return [.tensor(.i32, [x[0], w[0]] + (try geometry(x: x, w: w)).output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (sums, shape) = try sums(inputs[0], inputs.optional(2), inputs[1], inputs.optional(3))
    return [Tensor(sums, shape: shape)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    products(context, x: 0, w: 1)
  }
}
