import Tensors

/// The positions of a grid in row-major order; one empty position for a grid without axes.
struct GridPositions: Sequence, IteratorProtocol {
  private let sizes: [Int]
  private var position: [Int]
  private var remaining: Int

  init(_ sizes: [Int]) {
    self.sizes = sizes
    position = Array(repeating: 0, count: sizes.count)
    remaining = sizes.elementCount
  }

  mutating func next() -> [Int]? {
    guard remaining > 0 else { return nil }
    remaining -= 1
    let current = position
    var axis = sizes.count - 1
    while axis >= 0 {
      position[axis] += 1
      if position[axis] < sizes[axis] { break }
      position[axis] = 0
      axis -= 1
    }
    return current
  }

  /// All positions at once.
  var all: [[Int]] { Array(self) }
}
