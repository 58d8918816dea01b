import Tensors

extension ConvolutionProblem {
  /// Terms whose sum is exact in f32: products of two 9-bit numbers stay below 2^16, 256 of them below 2^24.
  private static let exactRun = 256

  /// The convolution of integers of at most 9 bits with sign (8-bit operands less their zero points), exact, wrapping
  /// at 32 bits: f32 products with runs short enough to be exact, collected in integers.
  func runIntegers(_ x: [Float], _ w: [Float]) -> [Int32] {
    guard outputPlane > 0, batch > 0, depth > 0 else {
      return Array(repeating: 0, count: outputShape.elementCount)
    }
    let starts = rowStarts()
    let filtersPerGroup = filters / group
    let depth = depth
    let outputPlane = outputPlane
    var y = Array(repeating: Int32(0), count: batch * filters * outputPlane)
    var panel = FloatPanel(
      depth: depth, columns: FloatPanel.columns(depth: depth, limit: outputPlane))
    for n in 0..<batch {
      for g in 0..<group {
        for first in stride(from: 0, to: outputPlane, by: panel.columns) {
          let columns = first..<min(first + panel.columns, outputPlane)
          panel.clear()
          gather(x, n, g, columns, starts, into: &panel)
          for m in g * filtersPerGroup..<(g + 1) * filtersPerGroup {
            let to = (n * filters + m) * outputPlane + first
            for vector in 0..<(columns.count + 15) / 16 {
              var sum = SIMD16<Int32>.zero
              for start in stride(from: 0, to: depth, by: Self.exactRun) {
                let rows = start..<min(start + Self.exactRun, depth)
                let run = panel.sum(w, from: m * depth, rows: rows, vector: vector)
                sum &+= SIMD16<Int32>(run)
              }
              for lane in 0..<min(16, columns.count - vector * 16) {
                y[to + vector * 16 + lane] = sum[lane]
              }
            }
          }
        }
      }
    }
    return y
  }
}
