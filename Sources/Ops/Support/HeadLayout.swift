/// Where the heads of an attention operand lie: `[N, heads, S, size]`, or `[N, S, heads * size]`.
struct HeadLayout {
  let batch: Int
  let heads: Int
  let sequence: Int
  let size: Int
  private let headStride: Int
  private let rowStride: Int

  /// - Parameter heads: how many heads a three-dimensional operand holds.
  init(_ shape: [Int], heads: Int) {
    batch = shape[0]
    if shape.count == 4 {
      self.heads = shape[1]
      sequence = shape[2]
      size = shape[3]
      headStride = sequence * size
      rowStride = size
    } else {
      self.heads = heads
      sequence = shape[1]
      size = heads == 0 ? 0 : shape[2] / heads
      headStride = size
      rowStride = shape[2]
    }
  }

  /// The offset of the first element of a row of a head.
  func offset(_ n: Int, _ head: Int, _ row: Int) -> Int {
    n * heads * sequence * size + head * headStride + row * rowStride
  }

  /// The elements as `[N, heads, S, size]`.
  func gathered(_ values: [Double]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for n in 0..<batch {
      for h in 0..<heads {
        for s in 0..<sequence {
          let start = offset(n, h, s)
          result.append(contentsOf: values[start..<start + size])
        }
      }
    }
    return result
  }
}
