import Diagnostics
import Tensors

/// A batched matrix product whose sizes are all numbers.
struct BatchedProduct {
  let output: [Int]
  private let matrix: MatrixProduct
  /// The matrices of both operands that belong to each matrix of the result.
  private let pairs: [(left: Int, right: Int)]

  /// - Throws: what `MatrixGeometry` throws.
  init(_ a: [Int], _ b: [Int]) throws(Diagnostic) {
    let geometry = try MatrixGeometry(a.map { IndexExpr($0) }, b.map { IndexExpr($0) })
    output = geometry.output.map(\.constant)
    let batch = geometry.batch.map(\.constant)
    let rows = geometry.rows.constant
    // One matrix on the right of all: the batch is more rows on the left.
    let isShared = geometry.rightBatch.allSatisfy { $0 == 1 }
    matrix = MatrixProduct(
      rows: isShared ? batch.elementCount * rows : rows, depth: geometry.depth.constant,
      columns: geometry.columns.constant)
    if isShared {
      pairs = [(left: 0, right: 0)]
      return
    }
    var pairs: [(left: Int, right: Int)] = []
    Broadcasting.forEach(
      batch, geometry.leftBatch.map(\.constant),
      geometry.rightBatch.map(\.constant)
    ) { pairs.append(($0, $1)) }
    self.pairs = pairs
  }

  var multiplyAccumulates: Int { pairs.count * matrix.rows * matrix.depth * matrix.columns }

  private func layouts(_ pair: (left: Int, right: Int)) -> (MatrixLayout, MatrixLayout) {
    (
      .rowMajor(columns: matrix.depth, offset: pair.left * matrix.rows * matrix.depth),
      .rowMajor(columns: matrix.columns, offset: pair.right * matrix.depth * matrix.columns)
    )
  }

  func run(_ a: [Double], _ b: [Double]) -> [Double] {
    var y = Array(repeating: 0.0, count: output.elementCount)
    for (index, pair) in pairs.enumerated() {
      let (p, q) = layouts(pair)
      matrix.add(a, p, b, q, to: &y, at: index * matrix.rows * matrix.columns)
    }
    return y
  }

  func run(_ a: [Float], _ b: [Float]) -> [Float] {
    var y = Array(repeating: Float(0), count: output.elementCount)
    for (index, pair) in pairs.enumerated() {
      let (p, q) = layouts(pair)
      matrix.add(a, p, b, q, to: &y, at: index * matrix.rows * matrix.columns)
    }
    return y
  }

  /// Wraps at 64 bits.
  func run(_ a: [Int], _ b: [Int]) -> [Int] {
    var y = Array(repeating: 0, count: output.elementCount)
    for (index, pair) in pairs.enumerated() {
      let (p, q) = layouts(pair)
      matrix.add(a, p, b, q, to: &y, at: index * matrix.rows * matrix.columns)
    }
    return y
  }
}
