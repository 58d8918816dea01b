package import Diagnostics
package import IR
package import Tensors

/// The matrix product of quantized operands, quantized again.
///
/// `y = saturate(round_half_even(float(acc) * (a_scale * b_scale / y_scale)) + y_zero_point)`, where `acc` is the exact
/// 32-bit sum of `(a - a_zero_point) * (b - b_zero_point)` and the multiplier and the product are single-precision
/// numbers. 8-bit floats accumulate in double.
///
/// - Inputs: `a` `[..., M, K]` and `b` `[..., K, N]` with scales and zero points: scalars, or one per row of `a` and per
///   column of `b`; `y_scale` and `y_zero_point`, scalars or one per row. Output: `y` `[..., M, N]`.
/// - Errors: `shape.rank`, `shape.inner`, `shape.broadcast`, `shape.zero-point`.
/// - Source: ONNX QLinearMatMul-21 (versions 10, 21); Jacob et al. 2018, arXiv:1712.05877.
package struct QLinearMatMul: TensorOp, AttributeFree {
  private static let quantized: TypeSet = [
    .i8, .u8, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz,
  ]

  package static let schema = OpSchema(
    "QLinearMatMul", versions: [10, 21],
    inputs: [
      .required("a", "T1"), .required("a_scale", "TS"), .required("a_zero_point", "T1"),
      .required("b", "T2"), .required("b_scale", "TS"), .required("b_zero_point", "T2"),
      .required("y_scale", "TS"), .required("y_zero_point", "T3"),
    ],
    outputs: [.required("y", "T3")],
    types: ["TS": [.f32, .f16, .bf16], "T1": quantized, "T2": quantized, "T3": quantized])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let geometry = try MatrixGeometry(try context.shape(0), try context.shape(3))
    return [.tensor(try context.element(7), geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let product = try BatchedProduct(inputs[0].shape, inputs[3].shape)
    let shape = product.output
    let sums: [Double]
    if inputs[0].type.isInteger, inputs[3].type.isInteger {
      let a = try CenteredOperand(inputs[0], zeroPoint: inputs[2], axisFromEnd: 2)
      let b = try CenteredOperand(inputs[3], zeroPoint: inputs[5], axisFromEnd: 1)
      sums = product.run(a.values, b.values).map { Double(Int32(truncatingIfNeeded: $0)) }
    } else {
      sums = product.run(inputs[0].doubles, inputs[3].doubles)
    }
    let scales = try multipliers(inputs, shape)
    let target = inputs[7].type
    let scaled = sums.indices.map { Double(Float(sums[$0]) * scales[$0]) }
    if target.isSmallFloat {
      return [Tensor(smallFloats: scaled, shape: shape, type: target, saturating: true)]
    }
    let points = inputs[7].integers ?? []
    let places = try CenteredOperand.places(shape, inputs[7].shape, 2)
    let range = target.integerRange
    let results = scaled.indices.map {
      Rounding.quantize(scaled[$0], points[places?[$0] ?? 0], range)
    }
    return [Tensor(integers: results, shape: shape, type: target)]
  }

  /// The single-precision factor between sum and result for each element of the result.
  private func multipliers(_ inputs: Operands, _ shape: [Int]) throws(Diagnostic) -> [Float] {
    let rows = try CenteredOperand.places(shape, inputs[1].shape, 2)
    let columns = try CenteredOperand.places(shape, inputs[4].shape, 1)
    let results = try CenteredOperand.places(shape, inputs[6].shape, 2)
    let a = inputs[1].doubles.map { Float($0) }
    let b = inputs[4].doubles.map { Float($0) }
    let y = inputs[6].doubles.map { Float($0) }
    return (0..<shape.elementCount).map { index in
      a[rows?[index] ?? 0] * b[columns?[index] ?? 0] / y[results?[index] ?? 0]
    }
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let a = try? context.shape(0), let b = try? context.shape(3),
      let geometry = try? MatrixGeometry(a, b)
    else { return 0 }
    return geometry.multiplyAccumulates
  }
}
