package import Diagnostics
import IR
import Loops
package import Ops
import Tensors

extension Slice: Lowerable, ViewMaking {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let known = context.inference
    let output = try context.outputShape()
    guard let starts = context.contents(1), let ends = context.contents(2),
      !context.hasInput(3) || known.integers(3) != nil,
      !context.hasInput(4) || known.integers(4) != nil,
      !output.contains(where: { context.isUndefined($0) })
    else { return try ComputedSlice.lower(context) }
    let ranges = try ranges(
      shape, starts: starts, ends: ends, axes: known.integers(3), steps: known.integers(4))
    var first = shape.map { _ in IndexExpr(0) }
    var steps = shape.map { _ in 1 }
    for (axis, range) in ranges {
      guard let range else { return try ComputedSlice.lower(context) }
      first[axis] = range.start
      steps[axis] = range.step
    }
    let block = context.isBlocked(0) ? context.session.block : nil
    if block == nil {
      let source = try context.inPlace(0)
      if var view = source.strided {
        view.offset = zip(first, view.strides).reduce(view.offset) { $0 + $1.0 * $1.1 }
        view.strides = zip(view.strides, steps).map { $0 * IndexExpr($1) }
        if try context.makeView(of: source, Layout(strided: view)) { return }
      }
    }
    let input = try context.input(0, block: block)
    let cut = shape.indices.filter { output[$0] != shape[$0] }
    if cut == [1], steps[1] == 1, context.makeChannelView(0, of: input, axis: 1, offset: first[1]) {
      return
    }
    try Movement.lower(context, into: context.output(block: block)) { builder, position in
      let source = position.indices.map { first[$0] + position[$0] * IndexExpr(steps[$0]) }
      return insideChannels(builder.view(input), source)
    }
  }
}
