import Loops
import Tensors

extension TiledConvolution {
  /// Input channels of every group that are summed in one sweep over the outputs.
  struct Sweep {
    let channels: Range<Int>
    let sums: SweepSums
  }

  /// The sweeps of a convolution whose panels of weights, `width` outputs wide, are to stay in the second-level cache while
  /// they meet all outputs.
  func sweeps(_ context: NodeLowering, width: Int) -> [Sweep] {
    let lanes = context.target.lanes(.f32)
    let perChannel = axes.map(\.tapCount).reduce(width * arithmetic.byteCount, *)
    let room = context.target.level2ByteCount / 2
    let chunks = (groups.inputs + lanes - 1) / lanes
    let count = min(chunks, (groups.inputs * perChannel + room - 1) / room)
    guard count > 1 else { return [Sweep(channels: 0..<groups.inputs, sums: .single)] }
    let waiting = context.temporary(arithmetic.sum, sink.shape, layout: Layout(block: lanes))
    let size = (chunks + count - 1) / count * lanes
    return stride(from: 0, to: groups.inputs, by: size).map { first in
      let end = min(first + size, groups.inputs)
      return Sweep(
        channels: first..<end,
        sums: SweepSums(waiting: waiting, isFirst: first == 0, isLast: end == groups.inputs))
    }
  }
}
