/// A block of columns of the right operand of a matrix product, copied so that the inner loop walks whole vectors.
///
/// Row `k` holds `vectors * 16` consecutive columns. Sums run over `k` in ascending order for every column, in f32, so
/// a result does not depend on how columns are blocked.
struct FloatPanel {
  /// Columns in one vector.
  static let lanes = 16

  let depth: Int
  let vectors: Int
  private var rows: [SIMD16<Float>]

  /// A panel of `depth` rows with as many columns as keep it in a second-level cache, at most `limit`.
  init(depth: Int, limit: Int) {
    let budget = 131_072 / max(depth, 1)
    let wanted = min(max(budget, Self.lanes), 512, max(limit, 1))
    self.depth = depth
    vectors = (wanted + Self.lanes - 1) / Self.lanes
    rows = Array(repeating: .zero, count: max(depth, 1) * vectors)
  }

  var columns: Int { vectors * Self.lanes }

  mutating func clear() {
    for index in rows.indices { rows[index] = .zero }
  }

  /// Sets the element at `row` and `column`.
  @inline(__always)
  mutating func put(_ value: Float, _ row: Int, _ column: Int) {
    rows[row &* vectors &+ column >> 4][column & 15] = value
  }

  /// Adds `sum over k of weights[start + k] * row k` to the vectors of `sums`, over all rows or some.
  func accumulate(
    _ weights: [Float], from start: Int, rows range: Range<Int>? = nil,
    into sums: inout [SIMD16<Float>]
  ) {
    var k = range?.lowerBound ?? 0
    let end = range?.upperBound ?? depth
    let count = vectors
    while k + 4 <= end {
      let a = weights[start + k]
      let b = weights[start + k + 1]
      let c = weights[start + k + 2]
      let d = weights[start + k + 3]
      let p = k &* count
      for v in 0..<count {
        var sum = sums[v]
        sum += a * rows[p &+ v]
        sum += b * rows[p &+ count &+ v]
        sum += c * rows[p &+ 2 &* count &+ v]
        sum += d * rows[p &+ 3 &* count &+ v]
        sums[v] = sum
      }
      k += 4
    }
    while k < end {
      let a = weights[start + k]
      for v in 0..<count { sums[v] += a * rows[k &* count &+ v] }
      k += 1
    }
  }
}
