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
    if let wanted = context.contents(1) {
      for (axis, size) in wanted.enumerated() {
        try context.require(
          "element \(axis) of the wanted shape", size, .equalOrOne,
          shape[axis + shape.count - wanted.count])
      }
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      builder.view(input).loadBroadcast(position, of: shape)
    }
  }
}

extension Expand: SizeDefining {
  /// Each size is the wanted one, and where that is 1 the input's own.
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
        return ([], .select(.compare(.equal, value, .integer(1, .i64)), size, value))
      }
    }
  }
}

extension Tile: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    try Movement.lower(context, into: context.output()) { builder, position in
      let source = position.indices.map { axis in
        input.shape[axis] == shape[axis] ? position[axis] : position[axis].mod(input.shape[axis])
      }
      return builder.view(input).load(source)
    }
  }
}
