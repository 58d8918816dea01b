/// The range at which quantization changes the elements least, in the mean of squares.
///
/// Bounds are 1/128 parts of the extremes. On a symmetric grid and for values of one sign all are tried. Otherwise both
/// bounds shrink together first, and from the best of those each is moved alone, in turn, until neither helps.
enum SquaredErrorRange {
  private static let partCount = 128
  private static let roundLimit = 8

  static func range(_ distribution: Distribution, _ grid: IntegerGrid) -> (
    low: Double, high: Double
  ) {
    var search = Search(distribution: distribution, grid: grid)
    for part in stride(from: partCount, through: 1, by: -1) { search.attempt(part, part) }
    guard !grid.isSymmetric, distribution.minimum < 0, distribution.maximum > 0 else {
      return search.range
    }
    for _ in 0..<roundLimit {
      let (lowPart, highPart) = (search.lowPart, search.highPart)
      for part in 1...partCount { search.attempt(lowPart, part) }
      let better = search.highPart
      for part in 1...partCount { search.attempt(part, better) }
      if (lowPart, highPart) == (search.lowPart, search.highPart) { break }
    }
    return search.range
  }

  private struct Search {
    let distribution: Distribution
    let grid: IntegerGrid
    private(set) var lowPart = partCount
    private(set) var highPart = partCount
    private var leastError = Double.infinity

    init(distribution: Distribution, grid: IntegerGrid) {
      self.distribution = distribution
      self.grid = grid
    }

    var range: (low: Double, high: Double) { bounds(lowPart, highPart) }

    private func bounds(_ lowPart: Int, _ highPart: Int) -> (low: Double, high: Double) {
      let (lowest, highest) =
        grid.isSymmetric
        ? (-distribution.largest, distribution.largest)
        : (distribution.minimum, distribution.maximum)
      return (
        lowest * Double(lowPart) / Double(partCount), highest * Double(highPart) / Double(partCount)
      )
    }

    mutating func attempt(_ lowPart: Int, _ highPart: Int) {
      let (low, high) = bounds(lowPart, highPart)
      let error = grid.squaredError(distribution.points, low: low, high: high, limit: leastError)
      guard error < leastError else { return }
      (self.lowPart, self.highPart, leastError) = (lowPart, highPart, error)
    }
  }
}
