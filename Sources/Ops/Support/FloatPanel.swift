/// A block of columns of the right operand of a matrix product, copied so that the inner loop walks whole vectors.
///
/// Column blocks of 16 lie one after the other, each with its rows in order. Sums run over rows in ascending order for
/// every column, in f32, so a result does not depend on how columns are blocked or shared between threads.
struct FloatPanel {
  /// Columns in one vector.
  static let lanes = 16

  let depth: Int
  let vectors: Int
  private var elements: [Float]

  /// How many columns keep a panel of `depth` rows in a second-level cache: a multiple of `lanes`, at most what holds
  /// `limit`.
  static func columns(depth: Int, limit: Int) -> Int {
    let budget = 131_072 / max(depth, 1)
    let wanted = min(max(budget, lanes), 512, max(limit, 1))
    return (wanted + lanes - 1) / lanes * lanes
  }

  /// A panel of zeros with `depth` rows.
  init(depth: Int, columns: Int) {
    self.depth = depth
    vectors = columns / Self.lanes
    elements = Array(repeating: 0, count: depth * columns)
  }

  var columns: Int { vectors * Self.lanes }

  mutating func clear() {
    for index in elements.indices { elements[index] = 0 }
  }

  /// Sets the element at `row` and `column`.
  @inline(__always)
  mutating func put(_ value: Float, _ row: Int, _ column: Int) {
    elements[(column >> 4 &* depth &+ row) &* Self.lanes &+ column & 15] = value
  }

  /// `initial + sum over k of weights[start + k] * row k` for the 16 columns of a vector, over all rows or some.
  @inline(__always)
  func sum(
    _ weights: [Float], from start: Int, rows range: Range<Int>? = nil, vector: Int,
    initial: SIMD16<Float> = .zero
  ) -> SIMD16<Float> {
    let range = range ?? 0..<depth
    precondition(start >= 0 && start + range.upperBound <= weights.count && vector < vectors)
    let base = vector * depth
    return unsafe elements.withUnsafeBytes { rows in
      unsafe weights.withUnsafeBufferPointer { weights in
        var sum = initial
        for k in range {
          let row = unsafe rows.loadUnaligned(
            fromByteOffset: (base &+ k) &* 64, as: SIMD16<Float>.self)
          unsafe sum += weights[start &+ k] * row
        }
        return sum
      }
    }
  }

  /// The sums of two rows of weights at once, which share the loads of the panel.
  func sums(
    _ weights: [Float], from starts: (Int, Int), vector: Int,
    initial: (SIMD16<Float>, SIMD16<Float>)
  ) -> (SIMD16<Float>, SIMD16<Float>) {
    let depth = depth
    precondition(
      min(starts.0, starts.1) >= 0 && max(starts.0, starts.1) + depth <= weights.count
        && vector < vectors)
    let base = vector * depth
    return unsafe elements.withUnsafeBytes { rows in
      unsafe weights.withUnsafeBufferPointer { weights in
        var (first, second) = initial
        for k in 0..<depth {
          let row = unsafe rows.loadUnaligned(
            fromByteOffset: (base &+ k) &* 64, as: SIMD16<Float>.self)
          unsafe first += weights[starts.0 &+ k] * row
          unsafe second += weights[starts.1 &+ k] * row
        }
        return (first, second)
      }
    }
  }

  /// The products of `rowCount` rows of weights, from `start` on, with the first `count` columns: row after row.
  ///
  /// - Parameter initial: what the sums of a row start with.
  func products(
    _ weights: [Float], from start: Int, rowCount: Int, count: Int, initial: (Int) -> Float
  ) -> [Float] {
    var results = Array(repeating: Float(0), count: rowCount * count)
    func store(_ sum: SIMD16<Float>, _ row: Int, _ vector: Int) {
      let first = vector * Self.lanes
      for lane in 0..<min(Self.lanes, count - first) {
        results[row * count + first + lane] = sum[lane]
      }
    }
    for row in stride(from: 0, to: rowCount, by: 2) {
      let own = SIMD16<Float>(repeating: initial(row))
      for vector in 0..<(count + Self.lanes - 1) / Self.lanes {
        let from = start + row * depth
        if row + 1 < rowCount {
          let both = sums(
            weights, from: (from, from + depth), vector: vector,
            initial: (own, SIMD16(repeating: initial(row + 1))))
          store(both.0, row, vector)
          store(both.1, row + 1, vector)
        } else {
          store(sum(weights, from: from, vector: vector, initial: own), row, vector)
        }
      }
    }
    return results
  }
}
