import Tensors

/// A transposed convolution whose sizes are all numbers: a matrix product, then a sum of shifted columns (col2im).
struct TransposedConvolution {
  let batch: Int
  let channels: Int
  let filters: Int
  let group: Int
  /// `input` is the axis of `X`, `output` that of `Y`.
  let axes: [StaticWindowAxis]

  var outputShape: [Int] { [batch, filters] + axes.map(\.output) }
  private var kernelCount: Int { axes.reduce(1) { $0 * $1.kernel } }
  private var inputPlane: Int { axes.reduce(1) { $0 * $1.input } }
  private var outputPlane: Int { axes.reduce(1) { $0 * $1.output } }
  var multiplyAccumulates: Int {
    batch * channels * inputPlane * (filters / max(group, 1)) * kernelCount
  }

  func run(_ x: [Double], _ w: [Double], _ bias: [Double]?) -> [Double] {
    run(x, w, bias) { $0.add($1, $2, $3, $4, to: &$5, at: 0) }
  }

  func run(_ x: [Float], _ w: [Float], _ bias: [Float]?) -> [Float] {
    run(x, w, bias) { $0.add($1, $2, $3, $4, to: &$5, at: 0) }
  }

  private func run<T: BinaryFloatingPoint>(
    _ x: [T], _ w: [T], _ bias: [T]?,
    multiply: (MatrixProduct, [T], MatrixLayout, [T], MatrixLayout, inout [T]) -> Void
  ) -> [T] {
    let kernelCount = kernelCount
    let inputPlane = inputPlane
    let outputPlane = outputPlane
    let perGroup = channels / group
    let filtersPerGroup = filters / group
    var y = Array(repeating: T.zero, count: batch * filters * outputPlane)
    if let bias {
      for index in y.indices { y[index] = bias[index / outputPlane % filters] }
    }
    // Seen from the output, this is a convolution's gather: swap the roles of the two sides.
    let mirrored = axes.map(\.mirrored)
    let windows = ConvolutionProblem(
      batch: 1, channels: 1, filters: 1, group: 1, axes: mirrored)
    let product = MatrixProduct(
      rows: filtersPerGroup * kernelCount, depth: perGroup, columns: inputPlane)
    for n in 0..<batch {
      for g in 0..<group {
        var columns = Array(repeating: T.zero, count: product.rows * inputPlane)
        let rows = MatrixLayout.rowMajor(
          columns: product.rows, transposed: true, offset: g * perGroup * product.rows)
        let image = MatrixLayout.rowMajor(
          columns: inputPlane, offset: (n * channels + g * perGroup) * inputPlane)
        multiply(product, w, rows, x, image, &columns)
        for m in 0..<filtersPerGroup {
          windows.scatter(
            columns, from: m * kernelCount * inputPlane, into: &y,
            at: (n * filters + g * filtersPerGroup + m) * outputPlane, +)
        }
      }
    }
    return y
  }
}

extension StaticWindowAxis {
  /// The axis with input and output exchanged: where a transposed convolution writes is where this one reads.
  var mirrored: StaticWindowAxis {
    StaticWindowAxis(
      input: output, kernel: kernel, stride: stride, dilation: dilation, padBegin: padBegin,
      padEnd: padEnd, output: input)
  }
}

extension ConvolutionProblem {
  /// Adds columns, one row of them per kernel element, to the places of one plane that a convolution would read for
  /// them (col2im).
  @inline(__always)
  func scatter<T>(
    _ columns: [T], from start: Int, into plane: inout [T], at base: Int, _ add: (T, T) -> T
  ) {
    guard let last = axes.last else { return }
    let count = outputPlane
    for (outer, rows) in rowStarts().enumerated() {
      for tap in 0..<last.kernel {
        let source = start + (outer * last.kernel + tap) * count
        let reach = last.outputs(inside: tap)
        for (row, begin) in rows.enumerated() {
          guard let begin else { continue }
          let to = base + begin + last.position(0, tap)
          for o in reach {
            let place = to + o * last.stride
            plane[place] = add(plane[place], columns[source + row * last.output + o])
          }
        }
      }
    }
  }
}
