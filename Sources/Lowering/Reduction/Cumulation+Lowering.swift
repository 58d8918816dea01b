package import Diagnostics
import IR
package import Loops
package import Ops
import Tensors

/// A running fold along an axis.
package protocol CumulationLowerable: Cumulation, Lowerable {
  static var operation: BinaryOp { get }
}

extension CumSum: CumulationLowerable { package static let operation = BinaryOp.add }
extension CumProd: CumulationLowerable { package static let operation = BinaryOp.mul }

extension CumulationLowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let input = try context.plain(0)
    let total = shape.reduce(1, *)
    let flat = input.reshaped(to: [total])
    let sink = try context.output()
    if let known = context.inference.integers(1)?.first {
      let place = known < 0 ? known + shape.count : known
      let inner = shape[(place + 1)...].reduce(1, *)
      let outer = shape[..<place].reduce(1, *)
      let builder = context.builder()
      let lanes = LoopKind.vector(lanes: context.target.lanes(.f32))
      let body = try builder.loop("i", outer, .parallel) { row throws(Diagnostic) in
        try builder.loop("j", inner, lanes) { column throws(Diagnostic) in
          try walk(builder, flat, sink, shape, length: shape[place]) { index in
            (row * shape[place] + index) * inner + column
          }
        }
      }
      return context.launch("cumulate", builder, body, work: total * 2)
    }
    // The axis is a number in memory: as many iterations as there can be lanes, of which the surplus do nothing.
    let axis = try context.scalar(1)
    try context.forEach("cumulate", [total], work: total * 2) {
      builder, position throws(Diagnostic) in
      let load = builder.view(axis).load(axis.shape.map { _ in 0 })
      let (statements, place) = clampedIndex(builder, load, IndexExpr(shape.count))
      let length = builder.computedIndex("length", minimum: 0, maximum: nil)
      let inner = builder.computedIndex("inner", minimum: 1, maximum: nil)
      var (extent, rest) = (Expr.index(1), Expr.index(1))
      for candidate in shape.indices {
        let isIt = Expr.compare(.equal, .index(place), .index(IndexExpr(candidate)))
        extent = .select(isIt, .index(shape[candidate]), extent)
        rest = .select(isIt, .index(shape[(candidate + 1)...].reduce(1, *)), rest)
      }
      let lane = position[0]
      let (row, column) = (lane.floorDiv(IndexExpr(inner)), lane.mod(IndexExpr(inner)))
      let last = (row + 1) * IndexExpr(length) * IndexExpr(inner)
      let body = try walk(builder, flat, sink, shape, length: IndexExpr(length)) { index in
        (row * IndexExpr(length) + index) * IndexExpr(inner) + column
      }
      return statements + [
        .bind(length, extent), .bind(inner, rest.atLeast(1)),
        .if(.compare(.lessOrEqual, .index(last), .index(total)), then: body, else: []),
      ]
    }
  }

  /// One lane from its start to its end, or the other way.
  private func walk(
    _ builder: KernelBuilder, _ flat: Placed, _ sink: Sink, _ shape: [IndexExpr],
    length: IndexExpr, _ place: (IndexExpr) -> IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let element = flat.element
    let state: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let running = builder.registers("running", state)
    let loop = try builder.loop("k", length) { step throws(Diagnostic) in
      let at = place(form.isReversed ? length - 1 - step : step)
      let x = builder.local("x", state)
      let next = Expr.binary(Self.operation, .register(running, []), .local(x))
      let result = Expr.register(running, []).converted(to: element)
      let store = try sink.store(result, at: delinearize(at, shape), builder)
      let load = Statement.let(x, builder.view(flat).load([at]).converted(to: state))
      let set = Statement.set(running, [], next)
      return form.isExclusive ? [load] + store + [set] : [load, set] + store
    }
    return [.registers(running, initial: .constant(Double(neutral), state))] + loop
  }
}
