package import Diagnostics
import Loops
package import Ops
import Tensors

extension NonZero: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let count = input.shape.reduce(1, *)
    let flat = input.reshaped(to: [count])
    let output = try context.outputShape()
    // A scalar has no axis to say anything about.
    let axes = input.shape.isEmpty ? 0 : input.shape.count
    let isSet = { (builder: KernelBuilder, index: IndexExpr) in
      let x = builder.view(flat).load([index])
      return Expr.compare(.notEqual, x, .zero(x.type))
    }
    try Selection(count: count, isSet: isSet).define(output[1], context)
    let sink = try context.output()
    try Selection(count: count, isSet: isSet).fill(context, limit: output[1]) {
      builder, index, place throws(Diagnostic) in
      let position = delinearize(index, input.shape)
      var stores: [Statement] = []
      for axis in 0..<axes {
        stores += try sink.store(.index(position[axis]), at: [IndexExpr(axis), place], builder)
      }
      return stores
    }
  }
}

extension Compress: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let given = try context.plain(0)
    let condition = try context.plain(1)
    let input = axis == nil ? given.reshaped(to: [given.shape.reduce(1, *)]) : given
    let place = (axis ?? 0) < 0 ? (axis ?? 0) + input.shape.count : axis ?? 0
    let output = try context.outputShape()
    // Conditions beyond the axis select nothing.
    let count = IndexExpr.min(condition.shape[0], input.shape[place])
    let selection = Selection(count: count) { builder, index in
      builder.view(condition).load([index])
    }
    try selection.define(output[place], context)
    let chosen = context.temporary(.i64, [output[place]])
    try Movement.lower(context, into: Sink(placed: chosen, epilogue: nil)) { _, _ in .zero(.i64) }
    try selection.fill(context, limit: output[place]) { builder, index, at in
      [builder.view(chosen, isWritten: true).store(.index(index), at: [at])]
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      let load = builder.view(chosen).load([position[place]])
      let (statements, index) = clampedIndex(builder, load, input.shape[place])
      var source = position
      source[place] = index
      return (statements, builder.view(input).load(source))
    }
  }
}

/// The numbers among `0..<count` that a condition selects, in order; how many there are is known when it runs.
struct Selection {
  let count: IndexExpr
  let isSet: (KernelBuilder, IndexExpr) -> Expr

  /// Gives a dimension the number of selected indices.
  func define(_ dimension: IndexExpr, _ context: NodeLowering) throws(Diagnostic) {
    try context.define(dimension) { builder throws(Diagnostic) in
      let total = builder.registers("total", .i64)
      let loop = try builder.loop("i", count) { index in
        let one = isSet(builder, index).converted(to: .i64)
        return [.set(total, [], Expr.register(total, []).plus(one))]
      }
      return ([.registers(total, initial: .zero(.i64))] + loop, .register(total, []))
    }
  }

  /// - Parameters:
  ///   - limit: how many there may be at most; further ones are left out.
  ///   - body: the statements for a selected index and its place among the selected.
  func fill(
    _ context: NodeLowering, limit: IndexExpr,
    _ body: (KernelBuilder, _ index: IndexExpr, _ place: IndexExpr) throws(Diagnostic) ->
      [Statement]
  ) throws(Diagnostic) {
    try context.forEach("select", []) { builder, _ throws(Diagnostic) in
      let next = builder.registers("next", .i64)
      let loop = try builder.loop("i", count) { index throws(Diagnostic) in
        let place = builder.computedIndex(
          "place", minimum: 0, maximum: limit.upperBound.map { Swift.max(0, $0 - 1) })
        let hasRoom = Expr.compare(.less, .register(next, []), .index(limit))
        let store = try body(builder, index, IndexExpr(place))
        let step = Statement.set(next, [], Expr.register(next, []).plus(1))
        return [
          .if(
            .binary(.and, isSet(builder, index), hasRoom),
            then: [.bind(place, .register(next, []))] + store + [step], else: [])
        ]
      }
      return [.registers(next, initial: .zero(.i64))] + loop
    }
  }
}
