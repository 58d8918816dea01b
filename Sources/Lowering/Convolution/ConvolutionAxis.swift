import Ops
package import Tensors

/// How outputs and inputs meet along one spatial axis of a convolution, or of one phase of a transposed one.
///
/// For output number `q` in `0..<count` and tap `t` in `0..<tapCount`:
/// the output lies at `q * outputStride + outputOffset`, the input at `q * inputStride + tapBase + t * tapStep`,
/// and the weight at `kernelBase + t * kernelStep` of the kernel's axis.
package struct ConvolutionAxis: Hashable, Sendable {
  package var count: IndexExpr
  package var outputStride = 1
  package var outputOffset = 0
  package var inputStride: Int
  package var tapCount: Int
  package var tapBase: IndexExpr
  package var tapStep: Int
  package var kernelBase = 0
  package var kernelStep = 1

  /// An axis of an ordinary convolution.
  package init(
    output: IndexExpr, kernel: Int, stride: Int, dilation: Int, padBefore: IndexExpr
  ) {
    count = output
    inputStride = stride
    tapCount = kernel
    tapBase = -padBefore
    tapStep = dilation
  }

  /// The outputs of a transposed convolution's axis that are `phase` modulo its stride.
  ///
  /// Output `o = q * stride + phase` gets input `i` through kernel tap `k` where
  /// `i * stride = o + padBefore - k * dilation`; the taps that divide form an arithmetic progression.
  package init(
    transposedOutput output: IndexExpr, kernel: Int, stride: Int, dilation: Int, padBefore: Int,
    phase: Int
  ) {
    count = (output - IndexExpr(phase)).ceilDiv(IndexExpr(stride))
    outputStride = stride
    outputOffset = phase
    inputStride = 1
    let taps = (0..<kernel).filter { (phase + padBefore - $0 * dilation) % stride == 0 }
    tapCount = taps.count
    // From the last one: inputs are met in their order.
    let first = taps.last ?? 0
    kernelBase = first
    kernelStep = taps.count > 1 ? taps[taps.count - 2] - first : -1
    tapBase = IndexExpr((phase + padBefore - first * dilation) / stride)
    tapStep = -(kernelStep * dilation) / stride
  }

  package func output(_ q: IndexExpr) -> IndexExpr {
    q * IndexExpr(outputStride) + IndexExpr(outputOffset)
  }

  package func input(_ q: IndexExpr, tap: IndexExpr) -> IndexExpr {
    q * IndexExpr(inputStride) + tapBase + tap * IndexExpr(tapStep)
  }

  /// The extent taken for one that is open: of a medium image.
  static let usualExtent = 56

  /// Whether windows are so wide that most of their taps meet nothing but padding: such taps are passed over.
  ///
  /// Where the extent is open, dilated windows are measured on the usual one.
  package func isWide(extent: IndexExpr) -> Bool {
    guard tapCount > 1, let length = extent.value ?? (abs(tapStep) > 1 ? Self.usualExtent : nil)
    else { return false }
    return abs(tapStep) * (tapCount - 1) >= length / 2
  }

  /// How far windows reach beyond an input of `extent` elements, before and after.
  package func halo(extent: IndexExpr) -> Layout.Halo {
    guard tapCount > 0 else { return Layout.Halo(before: 0, after: 0) }
    let steps = IndexExpr((tapCount - 1) * tapStep)
    let least = tapBase + .min(0, steps)
    let greatest = (count - 1) * IndexExpr(inputStride) + tapBase + .max(0, steps)
    return Layout.Halo(before: .max(0, -least), after: .max(0, greatest - (extent - 1)))
  }
}

extension WindowAxis {
  /// The axis of an ordinary convolution; nil where its window has an open size.
  var convolution: ConvolutionAxis? {
    kernel.value.map {
      ConvolutionAxis(
        output: output, kernel: $0, stride: stride, dilation: dilation, padBefore: padBegin)
    }
  }
}

extension WindowGeometry {
  /// The axes of an ordinary convolution; nil where a window has an open size.
  var convolutionAxes: [ConvolutionAxis]? {
    let found = axes.compactMap(\.convolution)
    return found.count == axes.count ? found : nil
  }
}
