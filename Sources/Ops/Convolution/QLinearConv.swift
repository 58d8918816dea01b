package import Diagnostics
package import IR
package import Tensors

/// The convolution of quantized operands, quantized again.
///
/// `y = saturate(round_half_even(float(acc + B) * (x_scale * w_scale / y_scale)) + y_zero_point)`, where `acc` is the
/// exact 32-bit sum of `(x - x_zero_point) * (w - w_zero_point)` and the multiplier and the product are single-precision
/// numbers.
///
/// - Inputs: `x` `[N, C, D1...Dn]` and `y`'s scale and zero point (scalars), `w` `[M, C / group, k1...kn]` with scalars or
///   one scale and zero point per filter, optional `B` `[M]` in units of `x_scale * w_scale`. Output: `y` `[N, M, O1...On]`.
/// - Errors: those of `Conv`; `shape.zero-point`, `shape.scale`.
/// - Source: ONNX QLinearConv-10; Jacob et al. 2018, arXiv:1712.05877.
package struct QLinearConv: QuantizedConvolution {
  package static let schema = OpSchema(
    "QLinearConv", versions: [10],
    inputs: [
      .required("x", "T1"), .required("x_scale", "F"), .required("x_zero_point", "T1"),
      .required("w", "T2"), .required("w_scale", "F"), .required("w_zero_point", "T2"),
      .required("y_scale", "F"), .required("y_zero_point", "T3"), .optional("B", "T4"),
    ],
    outputs: [.required("y", "T3")],
    types: ["T1": [.i8, .u8], "T2": [.i8, .u8], "T3": [.i8, .u8], "T4": [.i32], "F": [.f32]])

  package var group: Int
  package var window: WindowAttributes

  package init(group: Int = 1, window: WindowAttributes = WindowAttributes()) {
    self.group = group
    self.window = window
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let w = try context.shape(3)
    let bias = context.hasInput(8) ? try context.shape(8) : nil
    let geometry = try geometry(x: x, w: w, bias: bias)
    return [.tensor(try context.element(7), [x[0], w[0]] + geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (sums, shape) = try sums(inputs[0], inputs[2], inputs[3], inputs[5])
    let filters = shape[1]
    try ConvolutionShape.checkBias(inputs.optional(8)?.symbolicShape, filters: IndexExpr(filters))
    let wScales = inputs[4].array(of: Float.self)
    guard inputs[1].elementCount == 1, inputs[6].elementCount == 1, inputs[7].elementCount == 1,
      wScales.count == 1 || wScales.count == filters
    else {
      throw Diagnostic(
        "shape.scale",
        "scales have \(inputs[1].elementCount), \(wScales.count) and \(inputs[6].elementCount) elements, expected 1, 1 or \(filters), and 1"
      )
    }
    let xScale = inputs[1].array(of: Float.self)[0]
    let yScale = inputs[6].array(of: Float.self)[0]
    let multipliers = wScales.map { xScale * $0 / yScale }
    let bias = inputs.optional(8)?.array(of: Int32.self)
    let zero = inputs[7].integers?.first ?? 0
    let range = inputs[7].type.integerRange
    let plane = Array(shape.dropFirst(2)).elementCount
    let y = sums.indices.map { index in
      let filter = index / plane % filters
      let sum = sums[index] &+ (bias?[filter] ?? 0)
      let scaled = Float(sum) * multipliers[multipliers.count == 1 ? 0 : filter]
      return Rounding.quantize(Double(scaled), zero, range)
    }
    return [Tensor(integers: y, shape: shape, type: inputs[7].type)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    products(context, x: 0, w: 3)
  }
}
