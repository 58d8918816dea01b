package import Diagnostics
package import IR
package import Tensors

/// Picks columns: elements of the last axis by index.
///
/// - Inputs: `X` of any type, rank >= 1; `Y`, `i64` indices of any shape. Output: `Z`, the last dimension the number of
///   indices; a vector becomes a matrix of one row.
/// - Errors: `shape.rank-mismatch`; `index.out-of-range` when it runs.
/// - Source: ai.onnx.ml ArrayFeatureExtractor-1.
package struct ArrayFeatureExtractor: TensorOp {
  package static let schema = OpSchema(
    "ArrayFeatureExtractor", domain: "ai.onnx.ml", versions: [1],
    inputs: [.required("X", "T"), .required("Y", "I")], outputs: [.required("Z", "T")],
    types: ["T": .all, "I": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  private func shape(_ x: [IndexExpr], count: IndexExpr) throws(Diagnostic) -> [IndexExpr] {
    try Ranks.require(atLeast: 1, x)
    return (x.count == 1 ? [1] : x.dropLast()) + [count]
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.tensorType(0)
    guard let own = x.shape, let indices = try context.knownShape(1) else {
      return [.tensor(TensorType(x.element, nil))]
    }
    return [.tensor(x.element, try shape(own, count: indices.product))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let count = IndexExpr(inputs[1].elementCount)
    let shape = try shape(x.shape.expressions, count: count).map(\.constant)
    let columns = x.shape[x.rank - 1]
    let indices = try Indices.normalized(inputs[1].ints, count: columns)
    let rows = shape.dropLast().reduce(1, *)
    var positions: [Int] = []
    for row in 0..<rows { positions += indices.map { row * columns + $0 } }
    var mover = ElementMover(type: x.type, shape: shape)
    mover.pick(from: x, positions)
    return [mover.finish()]
  }
}
