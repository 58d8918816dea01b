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
    var panel = FloatPanel(depth: depth, limit: outputPlane)
    var run = Array(repeating: SIMD16<Float>.zero, count: panel.vectors)
    var sums = Array(repeating: SIMD16<Int32>.zero, count: panel.vectors)
    for n in 0..<batch {
      for g in 0..<group {
        for first in stride(from: 0, to: outputPlane, by: panel.columns) {
          let columns = first..<min(first + panel.columns, outputPlane)
          gather(x, n, g, columns, starts, into: &panel)
          for m in g * filtersPerGroup..<(g + 1) * filtersPerGroup {
            for v in sums.indices { sums[v] = .zero }
            for start in stride(from: 0, to: depth, by: Self.exactRun) {
              for v in run.indices { run[v] = .zero }
              let rows = start..<min(start + Self.exactRun, depth)
              panel.accumulate(w, from: m * depth, rows: rows, into: &run)
              for v in sums.indices { sums[v] &+= SIMD16<Int32>(run[v]) }
            }
            let to = (n * filters + m) * outputPlane
            for column in columns {
              let place = column - first
              y[to + column] = sums[place >> 4][place & 15]
            }
          }
        }
      }
    }
    return y
  }
}
