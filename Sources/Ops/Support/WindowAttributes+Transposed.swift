import Diagnostics
import Tensors

extension WindowAttributes {
  /// Resolves everything for a transposed convolution over `input`.
  ///
  /// A stated output shape, or `auto_pad`, decides the total padding; `SAME_UPPER` puts the odd element at the end, all
  /// others at the beginning.
  ///
  /// - Throws: `attribute.count`, `shape.window` when the pads take more than there is.
  func transposedGeometry(
    input: [IndexExpr], kernel: [IndexExpr], outputShape: [Int]?, outputPadding: [Int]?
  ) throws(Diagnostic) -> WindowGeometry {
    let rank = input.count
    let strides = try strides(rank: rank)
    let dilations = try dilations(rank: rank)
    let pads = autoPad == .notSet ? try pads(rank: rank) : Array(repeating: 0, count: 2 * rank)
    let extra = try list(outputPadding, "output_padding", count: rank, default: 0)
    let sizes = try outputShape.map { sizes throws(Diagnostic) in
      try list(sizes, "output_shape", count: rank, default: 0)
    }
    var axes: [WindowAxis] = []
    for axis in 0..<rank {
      let step = IndexExpr(strides[axis])
      let extent = (kernel[axis] - 1) * IndexExpr(dilations[axis]) + 1
      let full = step * (input[axis] - 1) + IndexExpr(extra[axis]) + extent
      var begin = IndexExpr(pads[axis])
      var end = IndexExpr(pads[rank + axis])
      var output = full - begin - end
      let isSame = autoPad == .sameUpper || autoPad == .sameLower
      if sizes != nil || isSame {
        output = sizes.map { IndexExpr($0[axis]) } ?? input[axis] * step
        let total = IndexExpr.max(full - output, 0)
        let half = total.floorDiv(2)
        begin = autoPad == .sameUpper ? half : total - half
        end = total - begin
      }
      if let size = output.value, size < 0 || size > 1 << 40 {
        throw Diagnostic(
          "shape.window",
          "output has \(size) positions along spatial axis \(axis), expected 0 or more")
      }
      axes.append(
        WindowAxis(
          input: input[axis], kernel: kernel[axis], stride: strides[axis],
          dilation: dilations[axis], padBegin: begin, padEnd: end, output: output))
    }
    return WindowGeometry(axes: axes)
  }
}
