import Tensors

/// A convolution whose sizes are all numbers: the reference computation that Conv, ConvInteger and QLinearConv share.
struct ConvolutionProblem {
  let batch: Int
  let channels: Int
  let filters: Int
  let group: Int
  let axes: [StaticWindowAxis]

  /// Up to this many multiply-accumulates sums are kept in f64, so that small cases are exact to the last place; above,
  /// f32 sums in a fixed order let a whole network run in seconds.
  static let exactLimit = 1 << 20

  var outputShape: [Int] { [batch, filters] + axes.map(\.output) }
  var kernelCount: Int { axes.reduce(1) { $0 * $1.kernel } }
  var inputPlane: Int { axes.reduce(1) { $0 * $1.input } }
  var outputPlane: Int { axes.reduce(1) { $0 * $1.output } }
  /// Terms of one sum.
  var depth: Int { channels / group * kernelCount }
  var multiplyAccumulates: Int { batch * filters * outputPlane * depth }

  /// For every kernel element of the axes before the last, and every output row: where the input row starts in its
  /// plane, or nil outside the input.
  func rowStarts() -> [[Int?]] {
    let outer = axes.dropLast()
    let strides = axes.map(\.input).rowMajorStrides
    let kernels = GridPositions(outer.map(\.kernel)).all
    let outputs = GridPositions(outer.map(\.output)).all
    return kernels.map { kernel in
      outputs.map { output in
        var start = 0
        for axis in outer.indices {
          let position = outer[axis].position(output[axis], kernel[axis])
          guard position >= 0, position < outer[axis].input else { return nil }
          start += position * strides[axis]
        }
        return start
      }
    }
  }

  /// The convolution in f64; exact for integers of up to 16 bits.
  func run(_ x: [Double], _ w: [Double], _ bias: [Double]?) -> [Double] {
    guard let last = axes.last, outputPlane > 0, batch > 0 else { return [] }
    let starts = rowStarts()
    let perGroup = channels / group
    let filtersPerGroup = filters / group
    let reach = (0..<last.kernel).map { last.outputs(inside: $0) }
    var y = Array(repeating: 0.0, count: batch * filters * outputPlane)
    for n in 0..<batch {
      for m in 0..<filters {
        let base = (n * filters + m) * outputPlane
        if let bias { for j in 0..<outputPlane { y[base + j] = bias[m] } }
        for c in 0..<perGroup {
          let plane = (n * channels + m / filtersPerGroup * perGroup + c) * inputPlane
          for (outer, rows) in starts.enumerated() {
            for (row, start) in rows.enumerated() {
              guard let start else { continue }
              for k in 0..<last.kernel {
                let weight = w[((m * perGroup + c) * starts.count + outer) * last.kernel + k]
                let from = plane + start + last.position(0, k)
                let to = base + row * last.output
                for o in reach[k] { y[to + o] += weight * x[from + o * last.stride] }
              }
            }
          }
        }
      }
    }
    return y
  }

  /// A block of one group's results: some columns of one image.
  private struct Block {
    let image: Int
    let group: Int
    let columns: Range<Int>
  }

  /// The convolution in f32, as products of the weights with panels of gathered input columns (im2col), on all
  /// processors.
  func runFloat(_ x: [Float], _ w: [Float], _ bias: [Float]?) -> [Float] {
    guard outputPlane > 0, batch > 0 else { return [] }
    let starts = rowStarts()
    let filtersPerGroup = filters / group
    let depth = depth
    let width = FloatPanel.columns(depth: depth, limit: outputPlane)
    var blocks: [Block] = []
    for n in 0..<batch {
      for g in 0..<group {
        for first in stride(from: 0, to: outputPlane, by: width) {
          let columns = first..<min(first + width, outputPlane)
          blocks.append(Block(image: n, group: g, columns: columns))
        }
      }
    }
    let products = concurrently(blocks.count) { [blocks] number in
      let block = blocks[number]
      var panel = FloatPanel(depth: depth, columns: width)
      gather(x, block.image, block.group, block.columns, starts, into: &panel)
      let first = block.group * filtersPerGroup
      return panel.products(
        w, from: first * depth, rowCount: filtersPerGroup, count: block.columns.count
      ) { bias?[first + $0] ?? 0 }
    }
    var y = Array(repeating: Float(0), count: batch * filters * outputPlane)
    for (block, product) in zip(blocks, products) {
      let count = block.columns.count
      for m in 0..<filtersPerGroup {
        let filter = block.image * filters + block.group * filtersPerGroup + m
        let to = filter * outputPlane + block.columns.lowerBound
        for column in 0..<count { y[to + column] = product[m * count + column] }
      }
    }
    return y
  }

  /// Copies what output positions `columns` read in group `g` of image `n` to a panel of zeros, which stay where that is
  /// padding.
  func gather(
    _ x: [Float], _ n: Int, _ g: Int, _ columns: Range<Int>, _ starts: [[Int?]],
    into panel: inout FloatPanel
  ) {
    guard let last = axes.last else { return }
    let perGroup = channels / group
    let inputPlane = inputPlane
    let step = last.stride
    let width = last.output
    let reach = (0..<last.kernel).map { last.outputs(inside: $0) }
    let rows = columns.lowerBound / width...(columns.upperBound - 1) / width
    var k = 0
    for c in 0..<perGroup {
      let plane = (n * channels + g * perGroup + c) * inputPlane
      for outer in starts.indices {
        for tap in 0..<last.kernel {
          for row in rows {
            guard let start = starts[outer][row] else { continue }
            let low = max(reach[tap].lowerBound, columns.lowerBound - row * width)
            let high = min(reach[tap].upperBound, columns.upperBound - row * width)
            let from = plane + start + last.position(0, tap)
            let to = row * width - columns.lowerBound
            var o = low
            while o < high {
              panel.put(x[from + o * step], k, to + o)
              o += 1
            }
          }
          k += 1
        }
      }
    }
  }
}
