package import Diagnostics
package import IR
package import Tensors

/// `Y = (A - a_zero_point) * (B - b_zero_point)`: NumPy's matrix product of 8-bit integers, accumulated in 32 bits.
///
/// A depth of at most 2^15 cannot overflow, since each product lies within `-255 * 255 ... 255 * 255`; beyond it wraps.
///
/// - Inputs: `A` `[..., M, K]`, `B` `[..., K, N]`; optional zero points: scalars, or one per row of `A` and per column of
///   `B`. Output: `Y` `[..., M, N]`, `i32`.
/// - Errors: `shape.rank`, `shape.inner`, `shape.broadcast`, `shape.zero-point`.
/// - Source: ONNX MatMulInteger-10.
package struct MatMulInteger: TensorOp, AttributeFree {
  package static let schema = OpSchema(
    "MatMulInteger", versions: [10],
    inputs: [
      .required("A", "T1"), .required("B", "T2"), .optional("a_zero_point", "T1"),
      .optional("b_zero_point", "T2"),
    ],
    outputs: [.required("Y", "T3")],
    types: ["T1": [.i8, .u8], "T2": [.i8, .u8], "T3": [.i32]])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let geometry = try MatrixGeometry(try context.shape(0), try context.shape(1))
    return [.tensor(.i32, geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let a = try CenteredOperand(inputs[0], zeroPoint: inputs.optional(2), axisFromEnd: 2)
    let b = try CenteredOperand(inputs[1], zeroPoint: inputs.optional(3), axisFromEnd: 1)
    let product = try BatchedProduct(inputs[0].shape, inputs[1].shape)
    return [
      Tensor(integers: product.run(a.values, b.values), shape: product.output, type: .i32)
    ]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let a = try? context.shape(0), let b = try? context.shape(1),
      let geometry = try? MatrixGeometry(a, b)
    else { return 0 }
    return geometry.multiplyAccumulates
  }
}
