package import Diagnostics
import Loops
package import Ops
import Tensors

extension Unique: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let given = try context.plain(0)
    let x = axis == nil ? given.reshaped(to: [given.shape.reduce(1, *)]) : given
    let place = (axis ?? 0) < 0 ? (axis ?? 0) + x.shape.count : axis ?? 0
    let slices = Slices(x: x, place: place)
    let count = x.shape[place]
    let work = count * x.shape.reduce(1, *)
    // For every slice the first that equals it, and where that one goes in the result.
    let firsts = context.temporary(.i64, [count])
    let places = context.temporary(.i64, [count])
    try context.forEach("unique_first", [count], work: work) {
      builder, position throws(Diagnostic) in
      let first = builder.registers("first", .i64)
      let loop = try builder.loop("j", position[0]) { j throws(Diagnostic) in
        let (statements, order) = try slices.compare(builder, j, position[0])
        let isIt = Expr.binary(
          .and, .compare(.equal, order, .zero(.i64)), Expr.register(first, []).isLess(than: 0))
        return statements + [.set(first, [], .select(isIt, .index(j), .register(first, [])))]
      }
      let found = Expr.select(
        Expr.register(first, []).isLess(than: 0), .index(position[0]), .register(first, []))
      return [.registers(first, initial: .integer(-1, .i64))] + loop
        + [builder.view(firsts, isWritten: true).store(found, at: position)]
    }
    func isFirst(_ builder: KernelBuilder, _ index: IndexExpr) -> Expr {
      .compare(.equal, builder.view(firsts).load([index]), .index(index))
    }
    let isSorted = sorted
    try context.forEach("unique_place", [count], work: work) {
      builder, position throws(Diagnostic) in
      let before = builder.registers("before", .i64)
      let extent = isSorted ? count : position[0]
      let loop = try builder.loop("j", extent) { j throws(Diagnostic) in
        let (statements, order) = try slices.compare(builder, j, position[0])
        let isBefore = isSorted ? order.isLess(than: 0) : Expr.integer(1, .bool)
        let counts = Expr.binary(.and, isFirst(builder, j), isBefore).converted(to: .i64)
        return (isSorted ? statements : [])
          + [.set(before, [], Expr.register(before, []).plus(counts))]
      }
      return [.registers(before, initial: .zero(.i64))] + loop
        + [builder.view(places, isWritten: true).store(.register(before, []), at: position)]
    }
    let kept = try dimension(context, place)
    try Selection(count: count) { isFirst($0, $1) }.define(kept, context)
    try write(context, slices, firsts, places, kept)
  }

  /// How many different slices there are, from whichever output says so.
  private func dimension(
    _ context: NodeLowering, _ place: Int
  ) throws(Diagnostic) -> IndexExpr {
    for index in [1, 3] where context.hasOutput(index) {
      return try context.outputShape(index)[0]
    }
    return try context.outputShape(0)[axis == nil ? 0 : place]
  }

  private func write(
    _ context: NodeLowering, _ slices: Slices, _ firsts: Placed, _ places: Placed,
    _ kept: IndexExpr
  ) throws(Diagnostic) {
    let x = slices.x
    let count = x.shape[slices.place]
    // Which slice stands at each place of the result.
    let sources =
      try context.hasOutput(1) ? context.output(1).placed : context.temporary(.i64, [kept])
    let numbers = context.hasOutput(3) ? try context.output(3).placed : nil
    try context.forEach("unique_write", [count]) { builder, position throws(Diagnostic) in
      let index = position[0]
      let target = builder.computedIndex(
        "target", minimum: 0, maximum: kept.upperBound.map { Swift.max(0, $0 - 1) })
      let load = builder.view(places).load([index])
      let isFirst = Expr.compare(.equal, builder.view(firsts).load([index]), .index(index))
      var stores: [Statement] = [
        .bind(target, load.atLeast(0)),
        builder.view(sources, isWritten: true).store(.index(index), at: [IndexExpr(target)]),
      ]
      if let numbers {
        let total = builder.registers("total", .i64)
        stores.append(.registers(total, initial: .zero(.i64)))
        stores += try builder.loop("j", count) { j in
          let same = Expr.compare(.equal, builder.view(firsts).load([j]), .index(index))
          return [.set(total, [], Expr.register(total, []).plus(same.converted(to: .i64)))]
        }
        stores.append(
          builder.view(numbers, isWritten: true).store(
            .register(total, []), at: [IndexExpr(target)]))
      }
      let fits = Expr.compare(.less, load, .index(kept))
      return [.if(.binary(.and, isFirst, fits), then: stores, else: [])]
    }
    if context.hasOutput(0) {
      try Movement.lower(context, into: context.output()) { builder, position in
        let (statements, index) = clampedIndex(
          builder, builder.view(sources).load([position[slices.place]]), count)
        var source = position
        source[slices.place] = index
        return (statements, builder.view(x).load(source))
      }
    }
    guard context.hasOutput(2) else { return }
    try Movement.lower(context, into: context.output(2)) { builder, position in
      let (statements, first) = clampedIndex(
        builder, builder.view(firsts).load(position), count)
      return (statements, builder.view(places).load([first]))
    }
  }
}

/// The slices of a tensor along an axis, in the order of their elements.
private struct Slices {
  let x: Placed
  let place: Int

  /// Compares two slices: an `i64` below, at or above zero.
  func compare(
    _ builder: KernelBuilder, _ a: IndexExpr, _ b: IndexExpr
  ) throws(Diagnostic) -> (statements: [Statement], order: Expr) {
    let order = builder.registers("order", .i64)
    let key = OrderKey(element: x.element, isDescending: false)
    var others = x.shape
    others.remove(at: place)
    let loops = try Nest.axes(others, .serial, builder) { position in
      func own(_ slice: IndexExpr) -> Expr {
        var source = position
        source.insert(slice, at: place)
        return key(builder.view(x).load(source))
      }
      let (left, right) = (builder.local("left", key.type), builder.local("right", key.type))
      let sign = Expr.select(
        .compare(.less, .local(left), .local(right)), .integer(-1, .i64),
        Expr.compare(.greater, .local(left), .local(right)).converted(to: .i64))
      let isOpen = Expr.compare(.equal, .register(order, []), .zero(.i64))
      return [
        .let(left, own(a)), .let(right, own(b)),
        .set(order, [], .select(isOpen, sign, .register(order, []))),
      ]
    }
    return ([.registers(order, initial: .zero(.i64))] + loops, .register(order, []))
  }
}
