import Diagnostics
import Loops
import Tensors

/// Folds all spatial axes of a blocked tensor away: lanes hold channels, several running values hide the latency.
struct SpatialReduction {
  let input: Placed
  let fold: ReductionFold
  let sink: Sink
  /// Whether the output keeps an axis of one element for each spatial axis.
  let keepsDimensions: Bool

  private static let chains = 4

  func lower(_ context: NodeLowering, block: Int) throws(Diagnostic) {
    let builder = context.builder()
    let x = builder.view(input)
    let spatial = Array(input.shape.dropFirst(2))
    let count = spatial.reduce(1, *)
    let blocks = input.shape[1].ceilDiv(IndexExpr(block))
    let row = spatial[spatial.count - 1]
    let whole = row.floorDiv(IndexExpr(Self.chains))
    let body = try Nest.axes([input.shape[0], blocks], .parallel, builder) {
      place throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(block), .vector(lanes: block)) {
        lane throws(Diagnostic) in
        let channel = place[1] * IndexExpr(block) + lane
        let values = builder.registers("fold", .f32, [Self.chains])
        func step(_ rows: [IndexExpr], _ column: IndexExpr, _ chain: IndexExpr) -> [Statement] {
          let element = fold.prepare(x.load([place[0], channel] + rows + [column]))
          let next = Expr.binary(fold.operation, .register(values, [chain]), element)
          return [.set(values, [chain], next)]
        }
        let loops = try Nest.axes(Array(spatial.dropLast()), .serial, builder) {
          rows throws(Diagnostic) in
          var body: [Statement] = []
          if whole != 0 {
            body += try builder.loop("w", whole) { number throws(Diagnostic) in
              try builder.loop("c", IndexExpr(Self.chains), .unrolled) { chain in
                step(rows, number * IndexExpr(Self.chains) + chain, chain)
              }
            }
          }
          let done = whole * IndexExpr(Self.chains)
          return body
            + (try builder.loop("w", row - done) { rest in step(rows, done + rest, 0) })
        }
        var total = Expr.register(values, [0])
        for chain in 1..<Self.chains {
          total = .binary(fold.operation, total, .register(values, [IndexExpr(chain)]))
        }
        let position = [place[0], channel] + (keepsDimensions ? spatial.map { _ in 0 } : [])
        return [.registers(values, initial: fold.initial)] + loops
          + (try sink.store(fold.finish(total, count), at: position, builder))
      }
    }
    context.launch("spatial_reduce", builder, body, work: input.shape.reduce(1, *))
  }
}
