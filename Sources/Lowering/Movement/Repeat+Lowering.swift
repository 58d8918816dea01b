package import Diagnostics
import Loops
package import Ops
import Tensors

extension Expand: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    try defineSizes(context)
    try context.requireBroadcast(0, to: shape)
    let wanted = try wantedSizes(context)
    for (axis, size) in wanted.enumerated() {
      try context.require(
        "element \(axis) of the wanted shape", size, .equalOrOne,
        shape[axis + shape.count - wanted.count])
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      builder.view(input).loadBroadcast(position, of: shape)
    }
  }
}

extension Expand: SizeDefining {
  /// The elements of the wanted shape; those that only data knows as symbols with their values, negative ones 0.
  private func wantedSizes(_ context: NodeLowering) throws(Diagnostic) -> [IndexExpr] {
    if let known = context.contents(1) { return known }
    guard let count = try context.shape(1).first?.value else { return [] }
    let wanted = try context.vector(1, count: count)
    return try (0..<count).map { axis throws(Diagnostic) in
      let size = IndexExpr.symbol("\(context.label).wanted.\(axis)")
      try context.define(size) { builder in
        ([], builder.view(wanted).load([IndexExpr(axis)]).converted(to: .i64))
      }
      return size
    }
  }

  /// Each size is the wanted one, and where that is 1 the input's own; so it is where that is negative, which fits nothing.
  package func defineSizes(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.outputShape()
    let own = try context.shape(0)
    for (axis, dimension) in shape.enumerated() where context.isUndefined(dimension) {
      guard let count = try context.shape(1).first?.value else { return }
      let place = axis - (shape.count - count)
      guard place >= 0 else { continue }
      let wanted = try context.vector(1, count: count)
      let ownPlace = axis - (shape.count - own.count)
      let size = ownPlace < 0 ? Expr.integer(1, .i64) : .index(own[ownPlace])
      try context.define(dimension) { builder in
        let value = builder.view(wanted).load([IndexExpr(place)]).converted(to: .i64)
        let isOwn = Expr.binary(
          .or, .compare(.equal, value, .integer(1, .i64)), value.isLess(than: 0))
        return ([], .select(isOwn, size, value))
      }
    }
  }
}

extension Tile: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    try defineSizes(context)
    try Movement.lower(context, into: context.output()) { builder, position in
      let source = position.indices.map { axis in
        input.shape[axis] == shape[axis] ? position[axis] : position[axis].mod(input.shape[axis])
      }
      return builder.view(input).load(source)
    }
  }
}

extension Tile: SizeDefining {
  /// Each size is the input's own as often as it is repeated.
  package func defineSizes(_ context: NodeLowering) throws(Diagnostic) {
    let own = try context.shape(0)
    for (axis, dimension) in try context.outputShape().enumerated()
    where context.isUndefined(dimension) {
      let repeats = try context.vector(1, count: own.count)
      try context.define(dimension) { builder in
        let count = builder.view(repeats).load([IndexExpr(axis)]).converted(to: .i64)
        return ([], count.atLeast(0).times(.index(own[axis])))
      }
    }
  }
}
