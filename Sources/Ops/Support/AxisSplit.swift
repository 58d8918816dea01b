import Tensors

/// A row-major shape seen as `[outer, length, inner]`, for computations along one axis or one block of axes.
struct AxisSplit {
  let outer: Int
  let length: Int
  let inner: Int

  /// Splits at one axis.
  init(_ shape: [Int], axis: Int) {
    self.init(shape, axes: axis..<axis + 1)
  }

  /// Splits around neighbouring axes, which count as one.
  init(_ shape: [Int], axes: Range<Int>) {
    outer = Array(shape[..<axes.lowerBound]).elementCount
    length = Array(shape[axes]).elementCount
    inner = Array(shape[axes.upperBound...]).elementCount
  }

  /// The offset of the first element of every lane; the next ones are `inner` apart.
  var laneStarts: [Int] {
    (0..<outer).flatMap { o in (0..<inner).map { o * length * inner + $0 } }
  }

  /// Rewrites every lane with `body`.
  func mapLanes(_ values: inout [Double], _ body: (inout [Double]) -> Void) {
    guard length > 0 else { return }
    var lane = Array(repeating: 0.0, count: length)
    for o in 0..<outer {
      for i in 0..<inner {
        let start = o * length * inner + i
        for k in 0..<length { lane[k] = values[start + k * inner] }
        body(&lane)
        for k in 0..<length { values[start + k * inner] = lane[k] }
      }
    }
  }
}
