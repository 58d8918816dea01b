import Diagnostics
import Loops
import Tensors

/// Brings every channel of every image in blocks to mean 0 and variance 1, then scales and shifts it: lanes hold
/// channels.
///
/// Two passes for the statistics (the mean, then the squared distances from it: no cancellation), one for the result.
/// Rows of an image are summed in single precision, several running sums each, and the sums of rows in double.
struct BlockedNormalization {
  let input: Placed
  let epsilon: Double
  let sink: Sink
  /// One number per channel.
  let scale: Placed
  let shift: Placed

  private static let chains = 4

  func lower(_ context: NodeLowering, block: Int) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let spatial = Array(input.shape.dropFirst(2))
    let blocks = input.shape[1].ceilDiv(IndexExpr(block))
    let size = Expr.convert(.index(spatial.reduce(1, *)), .f64, .plain)

    let body = try Nest.axes([input.shape[0], blocks], .parallel, builder) {
      place throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(block), .vector(lanes: block)) {
        lane throws(Diagnostic) in
        let channel = place[1] * IndexExpr(block) + lane
        let load = { (at: [IndexExpr]) in x.load([place[0], channel] + at) }
        let (mean, center) = (builder.registers("mean", .f64), builder.local("center", .f32))
        let (variance, factor) = (builder.registers("variance", .f64), builder.local("f", .f32))
        let base = builder.local("shift", .f32)
        var body = try total(mean, spatial, builder) { at, sum in
          Expr.register(sum.0, sum.1).plus(load(at))
        }
        let middle = Expr.register(mean, []).divided(by: size)
        body.append(.let(center, .convert(middle, .f32, .plain)))
        body += try total(variance, spatial, builder) { at, sum in
          let distance = load(at).minus(.local(center))
          return Expr.fma(distance, distance, .register(sum.0, sum.1))
        }
        let deviation = Expr.register(variance, []).divided(by: size).plus(epsilon).apply(.sqrt)
        let scaled = Expr.constant(1, .f64).divided(by: deviation).times(
          .convert(perChannel(scale, channel, builder), .f64, .plain))
        body.append(.let(factor, .convert(scaled, .f32, .plain)))
        body.append(.let(base, perChannel(shift, channel, builder)))
        body += try Nest.axes(spatial, .serial, builder) { at throws(Diagnostic) in
          let distance = load(at).minus(.local(center))
          return try sink.store(
            .fma(distance, .local(factor), .local(base)), at: [place[0], channel] + at, builder)
        }
        return body
      }
    }
    context.launch("normalize", builder, body, work: input.shape.reduce(4, *))
  }

  /// Sums over all spatial positions.
  ///
  /// - Parameter add: the running sum after one more position.
  private func total(
    _ sum: Registers, _ spatial: [IndexExpr], _ builder: KernelBuilder,
    _ add: ([IndexExpr], (Registers, [IndexExpr])) -> Expr
  ) throws(Diagnostic) -> [Statement] {
    let width = spatial[spatial.count - 1]
    let whole = width.floorDiv(IndexExpr(Self.chains))
    let done = whole * IndexExpr(Self.chains)
    let loops = try Nest.axes(Array(spatial.dropLast()), .serial, builder) {
      row throws(Diagnostic) in
      let parts = builder.registers("row", .f32, [Self.chains])
      func step(_ column: IndexExpr, _ chain: IndexExpr) -> [Statement] {
        [.set(parts, [chain], add(row + [column], (parts, [chain])))]
      }
      var body: [Statement] = [.registers(parts, initial: .float(0, .f32))]
      if whole != 0 {
        body += try builder.loop("w", whole) { number throws(Diagnostic) in
          try builder.loop("c", IndexExpr(Self.chains), .unrolled) { chain in
            step(number * IndexExpr(Self.chains) + chain, chain)
          }
        }
      }
      body += try builder.loop("w", width - done) { rest in step(done + rest, 0) }
      let part = (1..<Self.chains).reduce(Expr.register(parts, [0])) {
        $0.plus(.register(parts, [IndexExpr($1)]))
      }
      return body
        + [.set(sum, [], Expr.register(sum, []).plus(.convert(part, .f64, .plain)))]
    }
    return [.registers(sum, initial: .zero(.f64))] + loops
  }

  /// A channel's number; lanes beyond the last channel get the last one's.
  private func perChannel(
    _ numbers: Placed, _ channel: IndexExpr, _ builder: KernelBuilder
  ) -> Expr {
    builder.view(numbers).load([.min(channel, input.shape[1] - 1)])
  }
}
