package import Diagnostics
import Loops
package import Ops
import Tensors

extension NonMaxSuppression: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (boxes, scores) = try (context.plain(0), context.plain(1))
    let (batch, classes, count) = (scores.shape[0], scores.shape[1], scores.shape[2])
    try context.require(0, [batch, count, 4])
    let rows = batch * classes
    // Every class of every image chooses by itself; what it chose lies in a row of its own.
    let chosen = context.temporary(.i64, [rows, count])
    let counts = context.temporary(.i64, [rows])
    let options = try (2..<5).map { index throws(Diagnostic) in
      context.hasInput(index) ? try context.scalar(index) : nil
    }
    let search = BoxSearch(
      context, boxes: Boxes(corners: boxes, isCentered: centerPointBox), scores: scores,
      limit: options[0], overlap: options[1], floor: options[2], chosen: chosen, counts: counts)
    try context.forEach("suppress", [batch, classes]) { builder, position throws(Diagnostic) in
      try search.statements(builder, position[0], position[1], classes)
    }
    let output = try context.outputShape()
    try context.define(output[0]) { builder throws(Diagnostic) in
      let total = builder.registers("total", .i64)
      let loop = try builder.loop("i", rows) { row in
        [.set(total, [], Expr.register(total, []).plus(builder.view(counts).load([row])))]
      }
      return ([.registers(total, initial: .zero(.i64))] + loop, .register(total, []))
    }
    try list(context, chosen, counts, classes)
  }

  /// Writes what all classes chose one behind the other.
  private func list(
    _ context: NodeLowering, _ chosen: Placed, _ counts: Placed, _ classes: IndexExpr
  ) throws(Diagnostic) {
    let sink = try context.output()
    let (rows, count) = (chosen.shape[0], chosen.shape[1])
    let total = sink.shape[0]
    try context.forEach("select", []) { builder, _ throws(Diagnostic) in
      let next = builder.registers("next", .i64)
      let loops = try builder.loop("i", rows) { row throws(Diagnostic) in
        let length = builder.computedIndex("length", minimum: 0, maximum: count.upperBound)
        let inner = try builder.loop("k", IndexExpr(length)) { index throws(Diagnostic) in
          let place = builder.computedIndex("place", minimum: 0, maximum: nil)
          let parts: [Expr] = [
            .index(row.floorDiv(classes)), .index(row.mod(classes)),
            builder.view(chosen).load([row, index]),
          ]
          var stores: [Statement] = []
          for (column, value) in parts.enumerated() {
            stores += try sink.store(value, at: [IndexExpr(place), IndexExpr(column)], builder)
          }
          return [
            .if(
              .compare(.less, .register(next, []), .index(total)),
              then: [.bind(place, .register(next, []))] + stores + [
                .set(next, [], Expr.register(next, []).plus(1))
              ], else: [])
          ]
        }
        let load = builder.view(counts).load([row])
        return [.bind(length, Expr.binary(.min, load, .index(count)).atLeast(0))] + inner
      }
      return [.registers(next, initial: .zero(.i64))] + loops
    }
  }
}
