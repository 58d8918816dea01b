package import Diagnostics
package import Loops
package import Tensors

/// A block of outputs accumulated in registers: `pixels` x `blocks` vectors, one lane per output channel.
///
/// Every reduction step loads `blocks` weight vectors and broadcasts `pixels` inputs, so that each loaded value is used
/// `pixels` or `blocks` times. Design and measured limits: Goto and van de Geijn 2008, ACM TOMS 34(3), section 4.
package struct RegisterTile: Hashable, Sendable {
  package let pixels: Int
  package let blocks: Int
  package let lanes: Int

  package init(pixels: Int, blocks: Int, lanes: Int) {
    self.pixels = pixels
    self.blocks = blocks
    self.lanes = lanes
  }

  /// How many reduction steps one iteration of the rolled inner loop makes.
  ///
  /// More makes the scheduler of LLVM 19 keep too many values alive and spill.
  package static let unroll = 4

  /// One step of the reduction: the input channel, and the row of the packed weights.
  package struct Step {
    package let channel: IndexExpr
    package let row: IndexExpr
    /// The position inside the window, one entry per spatial axis.
    package let taps: [IndexExpr]
  }

  /// What a tile reads and where it leaves its results.
  package struct Operands {
    /// The accumulator's first value for a pixel, a block and a lane.
    package let initial: (_ pixel: IndexExpr, _ block: IndexExpr, _ lane: IndexExpr) -> Expr
    /// The input for a pixel, the same in all lanes.
    package let input: (_ pixel: IndexExpr, Step) -> Expr
    /// The weight for a block and a lane.
    package let weight: (_ block: IndexExpr, _ lane: IndexExpr, Step) -> Expr
    /// The statements that use a finished sum.
    package let finish:
      (_ pixel: IndexExpr, _ block: IndexExpr, _ lane: IndexExpr, Expr) throws(Diagnostic) ->
        [Statement]
    /// What a step multiplies; types of sums, inputs and weights follow from it.
    package var arithmetic = TileArithmetic.floats
  }

  /// The statements that compute one tile.
  ///
  /// - Parameters:
  ///   - activeLanes: how many lanes hold an output; fewer than `lanes` only at the end of a row-major output.
  ///   - room: memory from `room(_:)` for sums that are finished in a loop of their own, out of the registers of the
  ///     tile: constants of functions are loaded once for all pixels then.
  ///   - reduction: the loops over the reduction, around the statements for one step.
  package func emit(
    _ builder: KernelBuilder, activeLanes: Int? = nil, room: Buffer? = nil, _ operands: Operands,
    reduction: ((Step) throws(Diagnostic) -> [Statement]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let arithmetic = operands.arithmetic
    let sums = builder.registers("acc", arithmetic.sum, [blocks, pixels])
    let weights = builder.registers("w", arithmetic.operand, [blocks])
    let width = IndexExpr(activeLanes ?? lanes)
    let statements = try builder.loop("lane", width, .vector(lanes: lanes)) {
      lane throws(Diagnostic) in
      var body: [Statement] = [.registers(sums, initial: .zero(arithmetic.sum))]
      body += try overBlocks(builder) { block throws(Diagnostic) in
        try overPixels(builder) { pixel in
          [.set(sums, [block, pixel], operands.initial(pixel, block, lane))]
        }
      }
      body.append(.registers(weights, initial: .zero(arithmetic.operand)))
      body += try reduction { step throws(Diagnostic) in
        try overBlocks(builder) { block in
          [.set(weights, [block], operands.weight(block, lane, step))]
        }
          + overPixels(builder) { pixel throws(Diagnostic) in
            // Blocks inside pixels: the other way round LLVM keeps all broadcasts alive and spills.
            let x = builder.local("x", arithmetic.operand)
            return [.let(x, operands.input(pixel, step))]
              + (try overBlocks(builder) { block in
                let sum = Expr.register(sums, [block, pixel])
                let weight = Expr.register(weights, [block])
                let product = arithmetic.add(weight: weight, input: .local(x), to: sum)
                return [.set(sums, [block, pixel], product)]
              })
          }
      }
      body += try overBlocks(builder) { block throws(Diagnostic) in
        guard let room else {
          return try StoreGroups(count: pixels).emit(builder) {
            pixel throws(Diagnostic) in
            try operands.finish(pixel, block, lane, .register(sums, [block, pixel]))
          }
        }
        return try overPixels(builder) { pixel in
          [.store(room, [pixel, block, lane], .register(sums, [block, pixel]))]
        }
      }
      return body
    }
    guard let room else { return statements }
    return statements
      + (try builder.loop("p", IndexExpr(pixels)) { pixel throws(Diagnostic) in
        try overBlocks(builder) { block throws(Diagnostic) in
          try builder.loop("lane", width, .vector(lanes: lanes)) { lane throws(Diagnostic) in
            try operands.finish(pixel, block, lane, .load(room, [pixel, block, lane]))
          }
        }
      })
  }

  /// Memory for the sums of one tile.
  package func room(_ builder: KernelBuilder, _ element: ElementType = .f32) -> Buffer {
    builder.scratch(element, [pixels, blocks, lanes])
  }

  private func overBlocks(
    _ builder: KernelBuilder, _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    try builder.loop("b", IndexExpr(blocks), .unrolled, body)
  }

  private func overPixels(
    _ builder: KernelBuilder, _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    try builder.loop("p", IndexExpr(pixels), .unrolled, body)
  }

  /// The loops over `channels` input channels and a window, in the order in which weights are packed: chunks of
  /// `chunk` channels, then taps, then channels inside the chunk.
  ///
  /// - Parameter reaches: a condition for a tap without which it meets nothing but zeros and is passed over.
  package static func reduction(
    _ builder: KernelBuilder, channels: Int, chunk: Int, window: [Int],
    where reaches: ([IndexExpr]) -> Expr? = { _ in nil },
    _ step: (Step) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let taps = window.elementCount
    let whole = channels / chunk
    var body: [Statement] = []
    if whole > 0 {
      body += try builder.loop("c", IndexExpr(whole)) { number throws(Diagnostic) in
        try overWindow(builder, window, reaches) { tap, position throws(Diagnostic) in
          try run(builder, IndexExpr(chunk)) { inner throws(Diagnostic) in
            try step(
              Step(
                channel: number * IndexExpr(chunk) + inner,
                row: number * IndexExpr(chunk * taps) + tap * IndexExpr(chunk) + inner,
                taps: position))
          }
        }
      }
    }
    let rest = channels % chunk
    if rest > 0 {
      let first = IndexExpr(whole * chunk)
      body += try overWindow(builder, window, reaches) { tap, position throws(Diagnostic) in
        try run(builder, IndexExpr(rest)) { inner throws(Diagnostic) in
          try step(
            Step(
              channel: first + inner,
              row: first * IndexExpr(taps) + tap * IndexExpr(rest) + inner, taps: position))
        }
      }
    }
    return body
  }

  /// Loops over the window's axes; `body` gets the row-major number of the tap and its position.
  private static func overWindow(
    _ builder: KernelBuilder, _ window: [Int], _ reaches: ([IndexExpr]) -> Expr?,
    _ body: (IndexExpr, [IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    try Nest.axes(window.map { IndexExpr($0) }, .serial, builder) { position throws(Diagnostic) in
      var tap = IndexExpr(0)
      for (index, extent) in zip(position, window) { tap = tap * IndexExpr(extent) + index }
      let statements = try body(tap, position)
      return reaches(position).map { [.if($0, then: statements, else: [])] } ?? statements
    }
  }

  /// `count` reduction steps: a rolled loop with `unroll` of them per iteration, then what remains.
  ///
  /// - Parameter each: statements once per iteration of the rolled loop.
  package static func run(
    _ builder: KernelBuilder, _ count: IndexExpr,
    each: (_ iteration: IndexExpr) -> [Statement] = { _ in [] },
    _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let whole = count.floorDiv(IndexExpr(unroll))
    let done = whole * IndexExpr(unroll)
    var statements: [Statement] = []
    if whole != 0 {
      statements += try builder.loop("k", whole) { outer throws(Diagnostic) in
        each(outer)
          + (try builder.loop("s", IndexExpr(unroll), .unrolled) { inner throws(Diagnostic) in
            try body(outer * IndexExpr(unroll) + inner)
          })
      }
    }
    guard let rest = (count - done).value else {
      return statements
        + (try builder.loop("k", count - done) { rest throws(Diagnostic) in try body(done + rest) })
    }
    for step in 0..<max(0, rest) { statements += try body(done + IndexExpr(step)) }
    return statements
  }
}
