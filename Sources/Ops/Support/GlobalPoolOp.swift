package import Diagnostics
package import IR
package import Tensors

/// An operator that folds all spatial axes of every channel into one element: `[N, C, D1...Dn]` to `[N, C, 1...1]`.
package protocol GlobalPoolOp: TensorOp {
  /// The result for one channel, whose elements are never empty.
  func fold(_ channel: ArraySlice<Double>) -> Double
}

extension GlobalPoolOp {
  /// - Throws: `shape.rank` when there is no channel axis.
  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    guard x.count >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected at least 2")
    }
    let ones = Array(repeating: IndexExpr(1), count: x.count - 2)
    return [.tensor(try context.element(0), x.prefix(2) + ones)]
  }

  /// - Throws: `shape.empty` when there are channels, but no elements in them.
  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let plane = Array(x.shape.dropFirst(2)).elementCount
    let channels = Array(x.shape.prefix(2)).elementCount
    guard plane > 0 || channels == 0 else {
      throw Diagnostic("shape.empty", "cannot pool channels without elements: input is \(x.shape)")
    }
    let values = x.doubles
    let folded = (0..<channels).map { fold(values[$0 * plane..<($0 + 1) * plane]) }
    let shape = x.shape.prefix(2) + Array(repeating: 1, count: x.rank - 2)
    return [Tensor(doubles: folded, shape: Array(shape), type: x.type)]
  }
}
