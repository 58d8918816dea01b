import Diagnostics
import Loops
import Tensors

extension TiledConvolution {
  /// Input channels of every group that are summed in one pass over the outputs.
  struct Sweep {
    let channels: Range<Int>
    let isFirst: Bool
    let isLast: Bool
    /// Where sums wait for the next pass; nil where one is enough.
    let partial: Placed?

    /// The statements that use a sum: added to what earlier passes have left, and left or finished.
    func store(
      _ sum: Expr, at position: [IndexExpr], _ sink: Sink, _ builder: KernelBuilder
    ) throws(Diagnostic) -> [Statement] {
      guard let partial else { return try sink.store(sum, at: position, builder) }
      let view = builder.view(partial, isWritten: !isLast)
      let total = isFirst ? sum : sum.plus(view.load(position))
      if isLast { return try sink.store(total, at: position, builder) }
      return [view.store(total, at: position)]
    }
  }

  /// The passes of a convolution whose panels of weights, `width` outputs wide, are to stay in the second-level cache
  /// while they meet all outputs.
  func sweeps(_ context: NodeLowering, width: Int) -> [Sweep] {
    let lanes = context.target.lanes(.f32)
    let perChannel = axes.map(\.tapCount).reduce(width * (usesPairs ? 2 : 4), *)
    let room = context.target.level2ByteCount / 2
    let passes = (groups.inputs * perChannel + room - 1) / room
    let chunks = (groups.inputs + lanes - 1) / lanes
    guard passes > 1, chunks > 1 else {
      return [Sweep(channels: 0..<groups.inputs, isFirst: true, isLast: true, partial: nil)]
    }
    let partial = context.temporary(.f32, sink.shape, layout: Layout(block: lanes))
    let size = (chunks + passes - 1) / passes * lanes
    return stride(from: 0, to: groups.inputs, by: size).map { first in
      let end = min(first + size, groups.inputs)
      return Sweep(
        channels: first..<end, isFirst: first == 0, isLast: end == groups.inputs,
        partial: first == 0 && end == groups.inputs ? nil : partial)
    }
  }
}
