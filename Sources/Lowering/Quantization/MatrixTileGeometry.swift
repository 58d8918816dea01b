import Loops
import Tensors

/// How the pixels and taps of a convolution of bytes meet the rows of matrix registers.
///
/// A row of a register is 64 contiguous bytes of the input: a block of 64 channels of one tap, or several neighbouring
/// taps of narrower blocks, the last ones with zero weights. Its 16 rows are output pixels: neighbours in one row of
/// outputs, or, where windows move by one pixel, neighbours in memory, halo and all, so that rows of outputs follow each
/// other without gaps.
struct MatrixTileGeometry {
  let axes: [ConvolutionAxis]
  let channels: Int
  /// Channels per block of the input.
  let block: Int
  /// Whether all rows of outputs of a plane are one row.
  let isFlat: Bool
  /// Register rows that the taps of the last axis take, per block and position on the other axes.
  let steps: Int
  /// Bytes between the parts of a window that two steps multiply.
  let stepByteCount: Int

  static let rows = TileStatement.rowCount
  static let rowByteCount = TileStatement.rowByteCount

  /// Nil where registers do not fit the windows.
  ///
  /// - Parameter extents: of the input's spatial axes.
  init?(_ axes: [ConvolutionAxis], channels: Int, block: Int, extents: [IndexExpr]) {
    guard let last = axes.last, axes.allSatisfy({ $0.count.value ?? 0 > 0 && $0.tapStep > 0 }),
      extents.allSatisfy(\.isConstant), axes.allSatisfy({ $0.outputStride == 1 }),
      block == Self.rowByteCount || last.tapStep == 1
    else { return nil }
    self.axes = axes
    self.channels = channels
    self.block = block
    isFlat = axes.count > 1 && axes.suffix(2).allSatisfy { $0.inputStride == 1 }
    if block == Self.rowByteCount {
      steps = last.tapCount
      stepByteCount = last.tapStep * block
    } else {
      steps = (last.tapCount * block + Self.rowByteCount - 1) / Self.rowByteCount
      stepByteCount = Self.rowByteCount
    }
  }

  /// The product of a matrix of so many rows with a constant one of `depth` rows: a window of one pixel, rows as pixels.
  ///
  /// Nil where registers would be mostly empty.
  init?(rows: IndexExpr, depth: Int) {
    guard let count = rows.value, count >= Self.rows, depth >= Self.rowByteCount / 2 else {
      return nil
    }
    let axis = ConvolutionAxis(output: rows, kernel: 1, stride: 1, dilation: 1, padBefore: 0)
    self.init([axis], channels: depth, block: Self.rowByteCount, extents: [rows])
  }

  var blocks: Int { (channels + block - 1) / block }

  /// Positions of a window on all axes but the last.
  var outerTaps: [Int] { axes.dropLast().map(\.tapCount) }

  /// Steps of one sum.
  var depth: Int { blocks * outerTaps.elementCount * steps }

  /// Output pixels that follow each other in memory, gaps between rows included, for rows of `pitch` pixels.
  func pixels(pitch: Int) -> Int {
    let width = axes[axes.count - 1].count.constant
    guard isFlat else { return width }
    return (axes[axes.count - 2].count.constant - 1) * pitch + width
  }

  /// The channel of its block and the tap of the last axis that byte `byte` of step `step` multiplies; nil for neither.
  func place(step: Int, byte: Int) -> (channel: Int, tap: Int)? {
    if block == Self.rowByteCount { return (byte, step) }
    let (tap, channel) = (step * Self.rowByteCount + byte).quotientAndRemainder(dividingBy: block)
    return tap < axes[axes.count - 1].tapCount ? (channel, tap) : nil
  }

  /// The halo with what rows of registers read beyond the last pixel: never used, but it has to be there.
  func halos(extents: [IndexExpr]) -> [Layout.Halo] {
    var halos = zip(axes, extents).map { $0.halo(extent: $1) }
    let last = axes[axes.count - 1]
    let width = max(1, extents[extents.count - 1].constant)
    // Taps that steps have and windows have not, and pixels that registers have and rows of outputs have not.
    var excess = max(0, steps * Self.rowByteCount - last.tapCount * block + block - 1) / block
    if block == Self.rowByteCount { excess = 0 }
    let count = pixels(pitch: width)
    if count < Self.rows { excess += (Self.rows - count) * last.inputStride }
    if excess == 0 { return halos }
    if halos.count == 1 {
      halos[0].after = halos[0].after + IndexExpr(excess)
    } else {
      let rows = (excess + width - 1) / width
      halos[halos.count - 2].after = halos[halos.count - 2].after + IndexExpr(rows)
    }
    return halos
  }
}
