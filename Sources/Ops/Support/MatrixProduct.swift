import Tensors

/// How a matrix lies in an array: element `(i, j)` is at `offset + i * rowStride + j * columnStride`.
struct MatrixLayout {
  var offset = 0
  let rowStride: Int
  let columnStride: Int

  /// A row-major matrix with `columns` columns, or its transpose.
  static func rowMajor(columns: Int, transposed: Bool = false, offset: Int = 0) -> MatrixLayout {
    transposed
      ? MatrixLayout(offset: offset, rowStride: 1, columnStride: columns)
      : MatrixLayout(offset: offset, rowStride: columns, columnStride: 1)
  }
}

/// The product of a `rows x depth` and a `depth x columns` matrix; sums run over `depth` in ascending order.
struct MatrixProduct {
  let rows: Int
  let depth: Int
  let columns: Int

  /// Adds the product to the row-major matrix that starts at `start`, with sums in f64.
  func add(
    _ a: [Double], _ p: MatrixLayout, _ b: [Double], _ q: MatrixLayout, to y: inout [Double],
    at start: Int
  ) {
    for i in 0..<rows {
      let row = start + i * columns
      for k in 0..<depth {
        let factor = a[p.offset + i * p.rowStride + k * p.columnStride]
        let from = q.offset + k * q.rowStride
        for j in 0..<columns { y[row + j] += factor * b[from + j * q.columnStride] }
      }
    }
  }

  /// The same in integers that wrap at 64 bits.
  func add(
    _ a: [Int], _ p: MatrixLayout, _ b: [Int], _ q: MatrixLayout, to y: inout [Int], at start: Int
  ) {
    for i in 0..<rows {
      let row = start + i * columns
      for k in 0..<depth {
        let factor = a[p.offset + i * p.rowStride + k * p.columnStride]
        let from = q.offset + k * q.rowStride
        for j in 0..<columns { y[row + j] &+= factor &* b[from + j * q.columnStride] }
      }
    }
  }

  /// The same in f32, by panels of columns on all processors; for products too large for f64 sums to be quick.
  func add(
    _ a: [Float], _ p: MatrixLayout, _ b: [Float], _ q: MatrixLayout, to y: inout [Float],
    at start: Int
  ) {
    let left = contiguous(a, p)
    let origin = p.columnStride == 1 && p.rowStride == depth ? p.offset : 0
    // At least two panels, so that two processors have work.
    let width = FloatPanel.columns(depth: depth, limit: (columns + 1) / 2)
    let panels = (columns + width - 1) / width
    let products = concurrently(panels) { number in
      let first = number * width
      let count = min(width, columns - first)
      var panel = FloatPanel(depth: depth, columns: width)
      gather(b, q, first, count, into: &panel)
      return panel.products(left, from: origin, rowCount: rows, count: count) { _ in 0 }
    }
    for (number, product) in products.enumerated() {
      let first = number * width
      let count = min(width, columns - first)
      for i in 0..<rows {
        let to = start + i * columns + first
        for j in 0..<count { y[to + j] += product[i * count + j] }
      }
    }
  }

  /// The left operand with its rows one after the other: itself where it lies so already.
  private func contiguous(_ a: [Float], _ p: MatrixLayout) -> [Float] {
    if p.columnStride == 1, p.rowStride == depth { return a }
    var copy: [Float] = []
    copy.reserveCapacity(rows * depth)
    for i in 0..<rows {
      for k in 0..<depth { copy.append(a[p.offset + i * p.rowStride + k * p.columnStride]) }
    }
    return copy
  }

  private func gather(
    _ b: [Float], _ q: MatrixLayout, _ first: Int, _ count: Int, into panel: inout FloatPanel
  ) {
    let start = q.offset + first * q.columnStride
    for k in 0..<depth {
      let from = start + k * q.rowStride
      for j in 0..<count { panel.put(b[from + j * q.columnStride], k, j) }
    }
  }
}
