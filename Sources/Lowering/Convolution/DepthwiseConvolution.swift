import Diagnostics
import Loops
import Tensors

/// A convolution of every channel with its own window: lanes hold channels, a tile holds neighbouring pixels.
struct DepthwiseConvolution {
  let axes: [ConvolutionAxis]
  let channels: Int
  let input: Placed
  let sink: Sink
  /// The weight for a channel and a kernel position.
  let weight: (_ channel: Int, _ kernel: [Int]) -> Float
  let bias: [Float]?
  /// What sums are multiplied by when they are complete; nil for sums that are results as they are.
  var multipliers: [Float]?

  /// Windows up to this many taps are unrolled completely, so that neighbouring pixels share their loads.
  private static let unrolledTaps = 9

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let lanes = context.target.lanes(.f32)
    let window = axes.map(\.tapCount)
    let builder = context.builder()
    let x = builder.view(input)
    let w = builder.view(packedWeights(context, lanes))
    let b = bias.map { builder.view(packed($0, context, lanes)) }
    let factors = multipliers.map { builder.view(packed($0, context, lanes)) }
    let most = context.target.vectorRegisterCount / 2 - 2
    let count = axes.last?.count ?? 1
    let tile =
      count.value.map { width in
        let tiles = max(1, (width + most - 1) / most)
        return (width + tiles - 1) / tiles
      } ?? most / 2
    let blocks = (channels + lanes - 1) / lanes
    let outer = [input.shape[0], IndexExpr(blocks)] + axes.dropLast().map(\.count)
    // Functions are computed out of the registers of the sums, their constants loaded once for all pixels.
    let room =
      try sink.usesFunctions(context.target) ? builder.scratch(.f32, [tile, lanes]) : nil
    let isUnrolled = window.elementCount <= Self.unrolledTaps

    let body = try Nest.axes(outer, .parallel, builder) { place throws(Diagnostic) in
      let row = Array(place.dropFirst(2))
      return try overPixels(builder, count, tile) { pixels, start throws(Diagnostic) in
        func finish(
          _ pixel: IndexExpr, _ lane: IndexExpr, _ sum: Expr
        ) throws(Diagnostic) -> [Statement] {
          let at = zip(axes, row + [start + pixel]).map { $0.output($1) }
          let channel = place[1] * IndexExpr(lanes) + lane
          let value = factors.map { sum.times($0.load([place[1], lane])) } ?? sum
          return try sink.store(value, at: [place[0], channel] + at, builder)
        }
        let vector = LoopKind.vector(lanes: lanes)
        let statements = try builder.loop("lane", IndexExpr(lanes), vector) {
          lane throws(Diagnostic) in
          let channel = place[1] * IndexExpr(lanes) + lane
          let sums = builder.registers("acc", .f32, [pixels])
          let first = b?.load([place[1], lane]) ?? .float(0, .f32)
          var body: [Statement] = [.registers(sums, initial: first)]
          let taps = axes.indices.map { axis in
            (extent: IndexExpr(window[axis]), isLast: axis == axes.count - 1)
          }
          body += try overTaps(builder, taps.map(\.extent), isUnrolled) {
            position throws(Diagnostic) in
            var tap = IndexExpr(0)
            for (index, extent) in zip(position, window) { tap = tap * IndexExpr(extent) + index }
            let value = builder.local("w", .f32)
            return [.let(value, w.load([place[1], tap, lane]))]
              + (try builder.loop("p", IndexExpr(pixels), .unrolled) { pixel in
                let at = zip(axes, zip(row + [start + pixel], position)).map {
                  $0.input($1.0, tap: $1.1)
                }
                // Bytes are exact as floats, and so are their sums.
                let input = x.load([place[0], channel] + at).converted(to: .f32)
                let product = Expr.fma(.local(value), input, .register(sums, [pixel]))
                return [.set(sums, [pixel], product)]
              })
          }
          body += try builder.loop("p", IndexExpr(pixels), .unrolled) { pixel throws(Diagnostic) in
            let sum = Expr.register(sums, [pixel])
            if let room { return [.store(room, [pixel, lane], sum)] }
            return try finish(pixel, lane, sum)
          }
          return body
        }
        guard let room else { return statements }
        return statements
          + (try builder.loop("p", IndexExpr(pixels)) { pixel throws(Diagnostic) in
            try builder.loop("lane", IndexExpr(lanes), vector) { lane throws(Diagnostic) in
              try finish(pixel, lane, .load(room, [pixel, lane]))
            }
          })
      }
    }
    let work = outer.reduce(count * IndexExpr(window.elementCount * 2), *)
    context.launch("depthwise", builder, body, work: work)
  }

  private func overTaps(
    _ builder: KernelBuilder, _ window: [IndexExpr], _ isUnrolled: Bool,
    _ body: ([IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    if isUnrolled { return try Nest.axes(window, .unrolled, builder, body) }
    return try Nest.axes(Array(window.dropLast()), .serial, builder) { outer throws(Diagnostic) in
      try Nest.axes(Array(window.suffix(1)), .unrolled, builder) { inner throws(Diagnostic) in
        try body(outer + inner)
      }
    }
  }

  private func overPixels(
    _ builder: KernelBuilder, _ count: IndexExpr, _ tile: Int,
    _ body: (Int, IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let whole = count.floorDiv(IndexExpr(tile))
    let done = whole * IndexExpr(tile)
    var statements = try builder.loop("t", whole) { number throws(Diagnostic) in
      try body(tile, number * IndexExpr(tile))
    }
    if let rest = (count - done).value {
      if rest > 0 { statements += try body(rest, done) }
      return statements
    }
    statements += try builder.loop("t", count - done) { rest throws(Diagnostic) in
      try body(1, done + rest)
    }
    return statements
  }

  private func packedWeights(_ context: NodeLowering, _ lanes: Int) -> Placed {
    let window = axes.map(\.tapCount)
    let strides = window.rowMajorStrides
    let blocks = (channels + lanes - 1) / lanes
    let taps = window.elementCount
    var packed = Array(repeating: Float(0), count: blocks * taps * lanes)
    for channel in 0..<channels {
      for tap in 0..<taps {
        let kernel = axes.indices.map { axis in
          axes[axis].kernelBase + tap / strides[axis] % window[axis] * axes[axis].kernelStep
        }
        packed[(channel / lanes * taps + tap) * lanes + channel % lanes] = weight(channel, kernel)
      }
    }
    return context.packed(Tensor(packed, shape: [blocks, taps, lanes]))
  }

  /// A constant per channel as `[block, lane]`.
  private func packed(_ values: [Float], _ context: NodeLowering, _ lanes: Int) -> Placed {
    let blocks = (channels + lanes - 1) / lanes
    let padded = values + Array(repeating: 0, count: blocks * lanes - channels)
    return context.packed(Tensor(padded, shape: [blocks, lanes]))
  }
}
