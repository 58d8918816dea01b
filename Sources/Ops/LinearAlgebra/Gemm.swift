package import Diagnostics
package import IR
package import Tensors

/// `Y = alpha * A' * B' + beta * C`, where a quote is an optional transposition and `C` broadcasts to `[M, N]`.
///
/// - Inputs: `A` `[M, K]`, `B` `[K, N]` (both before transposition the other way round), optional `C`. Output: `Y`
///   `[M, N]`. Integers wrap; their factors are truncated to integers.
/// - Errors: `shape.rank`, `shape.inner`, `shape.broadcast`.
/// - Source: ONNX Gemm-13 (versions 1, 6, 7, 9, 11, 13).
package struct Gemm: TensorOp {
  package static let schema = OpSchema(
    "Gemm", versions: [1, 6, 7, 9, 11, 13],
    inputs: [.required("A", "T"), .required("B", "T"), .optional("C", "T")],
    outputs: [.required("Y", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64])])

  package var alpha: Double
  package var beta: Double
  package var transA: Bool
  package var transB: Bool

  package init(alpha: Double = 1, beta: Double = 1, transA: Bool = false, transB: Bool = false) {
    self.alpha = alpha
    self.beta = beta
    self.transA = transA
    self.transB = transB
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: 1)
    beta = try attributes.float("beta", default: 1)
    transA = try attributes.flag("transA")
    transB = try attributes.flag("transB")
    attributes.ignore("broadcast")
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: 1)
      $0.float("beta", beta, default: 1)
      $0.flag("transA", transA)
      $0.flag("transB", transB)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let geometry = try geometry(try context.shape(0), try context.shape(1))
    if context.hasInput(2) { try checkBias(try context.shape(2), geometry.output) }
    return [.tensor(try context.element(0), geometry.output)]
  }

  /// The sizes after transposition.
  ///
  /// - Throws: `shape.rank` when an operand is no matrix, `shape.inner`.
  package func geometry(_ a: [IndexExpr], _ b: [IndexExpr]) throws(Diagnostic) -> MatrixGeometry {
    guard a.count == 2, b.count == 2 else {
      throw Diagnostic("shape.rank", "operands have ranks \(a.count) and \(b.count), expected 2")
    }
    return try MatrixGeometry(transA ? a.reversed() : a, transB ? b.reversed() : b)
  }

  private func checkBias(_ c: [IndexExpr], _ output: [IndexExpr]) throws(Diagnostic) {
    let shape = try Broadcasting.shape(c, output)
    let grows = zip(shape, output).contains { p, q in
      if let p = p.value, let q = q.value { return p != q }
      return false
    }
    guard shape.count == 2, !grows else {
      throw Diagnostic("shape.broadcast", "C of shape \(c) does not broadcast to \(output)")
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let a = inputs[0]
    let b = inputs[1]
    let c = inputs.optional(2)
    let geometry = try geometry(a.symbolicShape, b.symbolicShape)
    if let c { try checkBias(c.symbolicShape, geometry.output) }
    let product = MatrixProduct(
      rows: geometry.rows.constant, depth: geometry.depth.constant,
      columns: geometry.columns.constant)
    let shape = [product.rows, product.columns]
    let count = shape.elementCount
    let p = MatrixLayout.rowMajor(columns: a.shape[1], transposed: transA)
    let q = MatrixLayout.rowMajor(columns: b.shape[1], transposed: transB)
    if let left = a.integers, let right = b.integers {
      var y = Array(repeating: 0, count: count)
      product.add(left, p, right, q, to: &y, at: 0)
      return [addBias(integers: y, c, shape, a.type)]
    }
    var y: [Double]
    if a.type == .f32, product.depth * count > ConvolutionProblem.exactLimit {
      var sums = Array(repeating: Float(0), count: count)
      product.add(a.array(of: Float.self), p, b.array(of: Float.self), q, to: &sums, at: 0)
      y = sums.map(Double.init)
    } else {
      y = Array(repeating: 0, count: count)
      product.add(a.doubles, p, b.doubles, q, to: &y, at: 0)
    }
    if alpha != 1 { for index in y.indices { y[index] *= alpha } }
    if let c, beta != 0 {
      let bias = c.doubles
      var index = 0
      Broadcasting.forEach(shape, shape, c.shape) { _, from in
        y[index] += beta * bias[from]
        index += 1
      }
    }
    return [Tensor(doubles: y, shape: shape, type: a.type)]
  }

  private func addBias(
    integers product: [Int], _ c: Tensor?, _ shape: [Int], _ type: ElementType
  ) -> Tensor {
    let scale = Int(exactly: alpha.rounded(.towardZero)) ?? 0
    let share = Int(exactly: beta.rounded(.towardZero)) ?? 0
    var y = product.map { $0 &* scale }
    if let c, let bias = c.integers {
      var index = 0
      Broadcasting.forEach(shape, shape, c.shape) { _, from in
        y[index] &+= share &* bias[from]
        index += 1
      }
    }
    return Tensor(integers: y, shape: shape, type: type)
  }

  package func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr {
    guard let a = try? context.shape(0), let b = try? context.shape(1),
      let geometry = try? geometry(a, b)
    else { return 0 }
    return geometry.multiplyAccumulates
  }
}
