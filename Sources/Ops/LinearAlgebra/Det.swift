package import Diagnostics
package import IR
package import Tensors

/// The determinant of every square matrix, by elimination with row exchanges.
///
/// - Input: `X` `[..., M, M]`. Output: `Y` `[...]`.
/// - Errors: `shape.rank`, `shape.square`.
/// - Source: ONNX Det-22 (versions 11, 22).
package struct Det: TensorOp {
  package static let schema = OpSchema(
    "Det", versions: [11, 22], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
    types: ["T": .floats])

  package init() {}

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package var attributes: Attributes { Attributes() }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    try check(x)
    return [.tensor(try context.element(0), Array(x.dropLast(2)))]
  }

  private func check(_ x: [IndexExpr]) throws(Diagnostic) {
    guard x.count >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected at least 2")
    }
    if let rows = x[x.count - 2].value, let columns = x[x.count - 1].value, rows != columns {
      throw Diagnostic("shape.square", "matrices are \(rows) by \(columns), expected square ones")
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    try check(x.symbolicShape)
    let size = x.shape[x.rank - 1]
    let batch = Array(x.shape.dropLast(2))
    let values = x.doubles
    let y = (0..<batch.elementCount).map { index in
      Self.determinant(Array(values[index * size * size..<(index + 1) * size * size]), size)
    }
    return [Tensor(doubles: y, shape: batch, type: x.type)]
  }

  private static func determinant(_ matrix: [Double], _ size: Int) -> Double {
    var a = matrix
    var result = 1.0
    for k in 0..<size {
      var pivot = k
      for i in k..<size where a[i * size + k].magnitude > a[pivot * size + k].magnitude {
        pivot = i
      }
      if a[pivot * size + k] == 0 { return 0 }
      if pivot != k {
        for j in 0..<size { a.swapAt(k * size + j, pivot * size + j) }
        result = -result
      }
      result *= a[k * size + k]
      for i in (k + 1)..<max(size, k + 1) {
        let factor = a[i * size + k] / a[k * size + k]
        for j in k..<size { a[i * size + j] -= factor * a[k * size + j] }
      }
    }
    return result
  }
}
