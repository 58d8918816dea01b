package import Diagnostics
import Loops
package import Ops
import Tensors

extension Concat: Lowerable, InPlaceReading {
  package func readsInPlace(input: Int) -> Bool { true }

  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.outputShape()
    let place = axis < 0 ? axis + shape.count : axis
    for index in 0..<context.inputCount {
      for axis in shape.indices where axis != place {
        try context.require(index, axis: axis, .equal, shape[axis])
      }
    }
    let isBlocked =
      shape.count >= 3
      && (0..<context.inputCount).contains { context.isBlocked($0) }
    let block = isBlocked ? context.session.block : nil
    let inputs = try (0..<context.inputCount).map { index throws(Diagnostic) in
      if block != nil { return try context.input(index, block: block) }
      let input = try context.inPlace(index)
      return input.layout.block == nil ? input : try context.plain(index)
    }
    let sink = try context.output(block: block)
    var offset = IndexExpr(0)
    for input in inputs {
      if !context.isPart(input, of: sink.placed, axis: place, offset: offset) {
        try copy(context, input, to: sink, axis: place, offset: offset)
      }
      offset += input.shape[place]
    }
  }

  /// One part, element by element in its own order; lanes beyond its last channel must not reach its neighbour.
  private func copy(
    _ context: NodeLowering, _ input: Placed, to sink: Sink, axis: Int, offset: IndexExpr
  ) throws(Diagnostic) {
    if input.shape.contains(0) { return }
    let builder = context.builder()
    let view = builder.view(input)
    let body = try Nest.over(input, builder) { position throws(Diagnostic) in
      var target = position
      target[axis] = position[axis] + offset
      let stores = try sink.store(view.load(position), at: target, builder)
      guard input.layout.block != nil,
        ((position[1].upperBound ?? .max) >= (input.shape[1].value ?? 0))
      else { return stores }
      let isReal = Expr.compare(.less, .index(position[1]), .index(input.shape[1]))
      return stores.map { guarded($0, by: isReal) }
    }
    context.launch("concat", builder, body, work: input.shape.reduce(2, *))
  }
}
