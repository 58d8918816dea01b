package import Diagnostics
package import IR
package import Tensors

/// `Y = A * B`: NumPy's matrix product with broadcast batch dimensions; a vector is a row on the left and a column on
/// the right. Integers wrap.
///
/// - Inputs: `A` `[..., M, K]` or `[K]`, `B` `[..., K, N]` or `[K]`. Output: `Y` `[..., M, N]`.
/// - Errors: `shape.rank`, `shape.inner`, `shape.broadcast`.
/// - Source: ONNX MatMul-13 (versions 1, 9, 13).
package struct MatMul: TensorOp {
  package static let schema = OpSchema(
    "MatMul", versions: [1, 9, 13], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("Y", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64])])

  package init() {}

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package var attributes: Attributes { Attributes() }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let geometry = try MatrixGeometry(try context.shape(0), try context.shape(1))
    return [.tensor(try context.element(0), geometry.output)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let a = inputs[0]
    let b = inputs[1]
    let product = try BatchedProduct(a.shape, b.shape)
    if let p = a.integers, let q = b.integers {
      return [Tensor(integers: product.run(p, q), shape: product.output, type: a.type)]
    }
    if a.type == .f32, product.multiplyAccumulates > ConvolutionProblem.exactLimit {
      let y = product.run(a.array(of: Float.self), b.array(of: Float.self))
      return [Tensor(y, shape: product.output)]
    }
    return [Tensor(doubles: product.run(a.doubles, b.doubles), shape: product.output, type: a.type)]
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let a = try? context.shape(0), let b = try? context.shape(1),
      let geometry = try? MatrixGeometry(a, b)
    else { return 0 }
    return geometry.multiplyAccumulates
  }
}
