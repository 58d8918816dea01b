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
  let constants: SumConstants
  /// What a step multiplies: a tap, or as many neighbours on the last axis.
  var arithmetic = TileArithmetic.floats

  /// Windows up to this many taps are unrolled completely, so that neighbouring pixels share their loads.
  private static let unrolledTaps = 9

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let lanes = context.target.lanes(.f32)
    let window = steps
    let builder = context.builder()
    let x = builder.view(input)
    let w = builder.view(packedWeights(context, lanes))
    let rows = PanelRows(columns: 0..<channels, perTile: 1, lanes: lanes)
    let b = constants.bias.map { builder.view(rows.pack($0, context)) }
    let factors = constants.multipliers.map { builder.view(rows.pack($0, context)) }
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
      try sink.usesFunctions(context.target) ? builder.scratch(arithmetic.sum, [tile, lanes]) : nil
    let isUnrolled = window.elementCount <= Self.unrolledTaps

    let body = try Nest.axes(outer, .parallel, builder) { place throws(Diagnostic) in
      let row = Array(place.dropFirst(2))
      return try overPixels(builder, count, tile) { pixels, start throws(Diagnostic) in
        func finish(
          _ pixel: IndexExpr, _ lane: IndexExpr, _ sum: Expr
        ) throws(Diagnostic) -> [Statement] {
          let at = zip(axes, row + [start + pixel]).map { $0.output($1) }
          let channel = place[1] * IndexExpr(lanes) + lane
          let value =
            factors.map { sum.converted(to: .f32).times($0.load([place[1], lane])) } ?? sum
          return try sink.store(value, at: [place[0], channel] + at, builder)
        }
        let vector = LoopKind.vector(lanes: lanes)
        let statements = try builder.loop("lane", IndexExpr(lanes), vector) {
          lane throws(Diagnostic) in
          let channel = place[1] * IndexExpr(lanes) + lane
          let sums = builder.registers("acc", arithmetic.sum, [pixels])
          let first = b?.load([place[1], lane]) ?? .zero(arithmetic.sum)
          var body: [Statement] = [.registers(sums, initial: first)]
          let taps = axes.indices.map { axis in
            (extent: IndexExpr(window[axis]), isLast: axis == axes.count - 1)
          }
          body += try overTaps(builder, taps.map(\.extent), isUnrolled) {
            position throws(Diagnostic) in
            var tap = IndexExpr(0)
            for (index, extent) in zip(position, window) { tap = tap * IndexExpr(extent) + index }
            let value = builder.local("w", arithmetic.operand)
            return [.let(value, w.load([place[1], tap, lane]))]
              + (try builder.loop("p", IndexExpr(pixels), .unrolled) { pixel in
                let taps = (0..<arithmetic.terms).map { number in
                  let last = position[position.count - 1] * IndexExpr(arithmetic.terms)
                  let taps = position.dropLast() + [last + IndexExpr(number)]
                  let at = zip(axes, zip(row + [start + pixel], taps)).map {
                    $0.input($1.0, tap: $1.1)
                  }
                  return x.load([place[0], channel] + at)
                }
                let product = arithmetic.add(
                  weight: .local(value), input: operand(taps), to: .register(sums, [pixel]))
                return [.set(sums, [pixel], product)]
              })
          }
          body += try StoreGroups(count: pixels).emit(builder) { pixel throws(Diagnostic) in
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

  /// Steps of the window along each axis.
  private var steps: [Int] {
    let taps = axes.map(\.tapCount)
    return taps.dropLast() + [(taps[taps.count - 1] + arithmetic.terms - 1) / arithmetic.terms]
  }

  /// What a step reads; bytes are exact as floats, and so are their sums.
  private func operand(_ taps: [Expr]) -> Expr {
    arithmetic == .byteQuads
      ? .bytes(taps[0], taps[1], taps[2], taps[3]) : taps[0].converted(to: .f32)
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

  /// `[block, step, lane]`
  private func packedWeights(_ context: NodeLowering, _ lanes: Int) -> Placed {
    // Taps of the last axis up to whole steps.
    let window: [Int] = steps.dropLast() + [steps[steps.count - 1] * arithmetic.terms]
    let strides = window.rowMajorStrides
    let blocks = (channels + lanes - 1) / lanes
    let taps = window.elementCount
    var packed = Array(repeating: Float(0), count: blocks * taps * lanes)
    for channel in 0..<channels {
      for tap in 0..<taps {
        let position = axes.indices.map { tap / strides[$0] % window[$0] }
        guard zip(position, axes).allSatisfy({ $0 < $1.tapCount }) else { continue }
        let kernel = zip(position, axes).map { $1.kernelBase + $0 * $1.kernelStep }
        packed[(channel / lanes * taps + tap) * lanes + channel % lanes] = weight(channel, kernel)
      }
    }
    return context.packed(arithmetic.joined(Tensor(packed, shape: [blocks, taps, lanes])))
  }
}

extension DepthwiseConvolution {
  /// How far windows reach whose last axis is read in steps of `arithmetic`.
  static func halos(
    _ axes: [ConvolutionAxis], _ extents: [IndexExpr], _ arithmetic: TileArithmetic
  ) -> [Layout.Halo] {
    zip(axes, extents).enumerated().map { number, pair in
      var axis = pair.0
      if number == axes.count - 1 {
        let terms = arithmetic.terms
        axis.tapCount = (axis.tapCount + terms - 1) / terms * terms
      }
      return axis.halo(extent: pair.1)
    }
  }
}
