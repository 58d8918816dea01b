package import Diagnostics
import Loops
package import Ops
import Tensors

extension MaxUnpool: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, places) = try (context.plain(0), context.plain(1))
    let shape = try context.outputShape()
    if context.hasInput(2) { try context.define(shape, from: 2) }
    let small = try smallest(x.shape)
    let sink = try context.output()
    let result = sink.isDirect ? sink.placed : context.temporary(x.element, shape)
    try Movement.lower(context, into: Sink(placed: result, epilogue: nil)) { _, _ in
      .zero(x.element)
    }
    try context.require(1, x.shape)
    let count = x.shape.reduce(1, *)
    // Places may repeat, so elements are put back in order.
    try context.forEach("max_unpool", []) { builder, _ throws(Diagnostic) in
      try builder.loop("i", count) { index in
        let load = builder.view(places.reshaped(to: [count])).load([index])
        let (statements, place) = clampedIndex(builder, load, small.reduce(1, *))
        // An output smaller than what was pooled would be read as larger.
        let position = zip(delinearize(place, small), zip(small, shape)).map { at, extents in
          (extents.1 - extents.0).lowerBound ?? -1 >= 0 ? at : IndexExpr.min(at, extents.1 - 1)
        }
        let value = builder.view(x.reshaped(to: [count])).load([index])
        return statements + [builder.view(result, isWritten: true).store(value, at: position)]
      }
    }
    if sink.isDirect { return }
    try Movement.lower(context, into: sink) { builder, position in
      builder.view(result).load(position)
    }
  }
}
