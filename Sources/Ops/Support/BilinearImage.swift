/// Reads a plane of elements between its positions; outside the plane everything is zero.
struct BilinearImage {
  let rows: Int
  let columns: Int

  var count: Int { rows * columns }

  /// The value at `(y, x)` of the plane that starts at `start`.
  func sample(_ values: [Double], from start: Int, _ y: Double, _ x: Double) -> Double {
    guard y > -1, x > -1, y < Double(rows), x < Double(columns) else { return 0 }
    let top = y.rounded(.down)
    let left = x.rounded(.down)
    let down = y - top
    let right = x - left
    func at(_ row: Int, _ column: Int) -> Double {
      row >= 0 && row < rows && column >= 0 && column < columns
        ? values[start + row * columns + column] : 0
    }
    let i = Int(top)
    let j = Int(left)
    return (at(i, j) * (1 - right) + at(i, j + 1) * right) * (1 - down)
      + (at(i + 1, j) * (1 - right) + at(i + 1, j + 1) * right) * down
  }
}
