package import Diagnostics
package import IR
package import Tensors

/// The transposed convolution of 8-bit operands less their zero points, exact in 32 bits, as single-precision numbers.
///
/// `y = float(B + acc) * multiplier`, where `acc` is what input elements less `x_zero_point` add to the output by kernels
/// less `w_zero_point`: what a transposed convolution between DequantizeLinear operators means in integers. The sum wraps
/// in 32 bits and the product is rounded once, so every engine gives the same bits.
///
/// - Inputs: `x` `[N, C, D1...Dn]`, `w` `[C, M / group, k1...kn]`, scalar `x_zero_point`, `w_zero_point` and `multiplier`,
///   scalars or `[M]`, optional `B` `[M]`, i32. Output: `y` `[N, M, O1...On]`, f32.
/// - Errors: those of `ConvTranspose`; `shape.zero-point`, `shape.scale`.
/// - Source: Martlet's own, after ONNX ConvTranspose-22; Jacob et al. 2018, arXiv:1712.05877, section 2.2.
package struct ConvTransposeIntegerToFloat: TensorOp, MultipliedIntegerLayer {
  package static let schema = OpSchema(
    "ConvTransposeIntegerToFloat", domain: "martlet", versions: [1],
    inputs: [
      .required("x", "T1"), .required("w", "T2"), .required("x_zero_point", "T1"),
      .required("w_zero_point", "T2"), .required("multiplier", "F"), .optional("B", "T3"),
    ],
    outputs: [.required("y", "F")],
    types: ["T1": [.i8, .u8], "T2": [.i8, .u8], "T3": [.i32], "F": [.f32]])

  /// The same of floats: group, window and output's size.
  package var transpose: ConvTranspose

  package init(_ transpose: ConvTranspose) { self.transpose = transpose }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    transpose = try ConvTranspose(&attributes)
  }

  package var attributes: Attributes { transpose.attributes }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let (x, w) = try (context.shape(0), context.shape(1))
    let bias = context.hasInput(5) ? try context.shape(5) : nil
    let geometry = try transpose.geometry(x: x, w: w, bias: bias)
    return [.tensor(.f32, [x[0], w[1] * IndexExpr(transpose.group)] + geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (x, w) = (inputs[0], inputs[1])
    let axes = try transpose.geometry(
      x: x.symbolicShape, w: w.symbolicShape, bias: inputs.optional(5)?.symbolicShape
    ).resolved()
    let (group, own) = (transpose.group, w.shape[1])
    let filters = own * group
    let (xPoints, wPoints) = (inputs[2].integers ?? [], inputs[3].integers ?? [])
    guard xPoints.count == 1, wPoints.count == 1 || wPoints.count == filters else {
      throw Diagnostic(
        "shape.zero-point",
        "zero points have \(xPoints.count) and \(wPoints.count) elements, expected 1 and 1 or \(filters)"
      )
    }
    let problem = TransposedConvolution(
      batch: x.shape[0], channels: x.shape[1], filters: filters, group: group, axes: axes)
    let taps = max(1, w.shape.dropFirst(2).reduce(1, *))
    let ownInputs = max(1, x.shape[1] / group)
    let weights = (w.integers ?? []).enumerated().map { index, value in
      let filter = index / taps / max(1, own) / ownInputs * own + index / taps % max(1, own)
      return Double(value - wPoints[wPoints.count == 1 ? 0 : filter])
    }
    // Doubles hold all sums of products of bytes.
    let sums = problem.run((x.integers ?? []).map { Double($0 - xPoints[0]) }, weights, nil)
      .map { Int32(truncatingIfNeeded: Int($0)) }
    let shape = problem.outputShape
    let plane = shape.dropFirst(2).reduce(1, *)
    return [try multiplied(sums, shape: shape, channels: filters, plane: plane, inputs)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    transpose.multiplyAccumulates(context)
  }
}
