package import Diagnostics
package import IR
package import Tensors

/// The matrix product of 8-bit operands less their zero points, exact in 32 bits, as single-precision numbers.
///
/// `Y = float(bias + acc) * multiplier`, where `acc` is the sum of `(A - a_zero_point) * (B - b_zero_point)`: what a
/// product between DequantizeLinear operators means in integers. The sum wraps in 32 bits and the product is rounded once.
///
/// - Inputs: `A` `[..., M, K]`, `B` `[..., K, N]`, scalar `a_zero_point`, `b_zero_point` and `multiplier`, scalars or
///   `[N]`, optional `bias` `[N]`, i32. Output: `Y` `[..., M, N]`, f32.
/// - Errors: `shape.rank`, `shape.inner`, `shape.broadcast`, `shape.zero-point`, `shape.scale`.
/// - Source: Martlet's own, after ONNX MatMulInteger-10 and com.microsoft MatMulIntegerToFloat-1.
package struct MatMulIntegerToFloat: TensorOp, AttributeFree, MultipliedIntegerLayer {
  package static let schema = OpSchema(
    "MatMulIntegerToFloat", domain: "martlet", versions: [1],
    inputs: [
      .required("A", "T1"), .required("B", "T2"), .required("a_zero_point", "T1"),
      .required("b_zero_point", "T2"), .required("multiplier", "F"), .optional("bias", "T3"),
    ],
    outputs: [.required("Y", "F")],
    types: ["T1": [.i8, .u8], "T2": [.i8, .u8], "T3": [.i32], "F": [.f32]])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let geometry = try MatrixGeometry(try context.shape(0), try context.shape(1))
    return [.tensor(.f32, geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let a = try CenteredOperand(inputs[0], zeroPoint: inputs[2], axisFromEnd: 2)
    let b = try CenteredOperand(inputs[1], zeroPoint: inputs[3], axisFromEnd: 1)
    let product = try BatchedProduct(inputs[0].shape, inputs[1].shape)
    let columns = inputs[1].rank == 1 ? 1 : inputs[1].shape[inputs[1].rank - 1]
    let sums = product.run(a.values, b.values).map { Int32(truncatingIfNeeded: $0) }
    return [try multiplied(sums, shape: product.output, channels: columns, inputs)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let a = try? context.shape(0), let b = try? context.shape(1),
      let geometry = try? MatrixGeometry(a, b)
    else { return 0 }
    return geometry.multiplyAccumulates
  }
}
