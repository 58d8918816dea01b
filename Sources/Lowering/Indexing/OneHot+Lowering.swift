package import Diagnostics
import Loops
package import Ops
import Tensors

extension OneHot: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.outputShape()
    let place = axis < 0 ? axis + shape.count : axis
    let (indices, values) = try (context.plain(0), context.vector(2, count: 2))
    let depth = try context.scalar(1)
    try context.define(shape[place]) { builder in
      ([], builder.view(depth).load(depth.shape.map { _ in 0 }).converted(to: .i64))
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      var source = position
      source.remove(at: place)
      let index = builder.view(indices).load(source).converted(to: .i64)
      let extent = Expr.index(shape[place])
      let hot = Expr.select(index.isLess(than: 0), index.plus(extent), index)
      let value = builder.view(values)
      return .select(
        .compare(.equal, hot, .index(position[place])), value.load([1]), value.load([0]))
    }
  }
}
