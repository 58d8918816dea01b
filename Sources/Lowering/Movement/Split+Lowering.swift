package import Diagnostics
import Loops
package import Ops
import Tensors

extension Split: Lowerable, ViewMaking {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let place = axis < 0 ? axis + shape.count : axis
    if let sizes = context.hasInput(1) ? context.contents(1) : nil {
      try context.require(0, axis: place, .equal, sizes.reduce(0, +))
    } else if !context.hasInput(1), partCount == nil {
      try context.require(0, axis: place, divisibleBy: max(1, context.outputCount))
    }
    let block = context.isBlocked(0) ? context.session.block : nil
    var offset = IndexExpr(0)
    for index in 0..<context.outputCount {
      let part = try context.outputShape(index)
      if context.hasOutput(index), try !isView(context, index, axis: place, offset: offset) {
        let start = offset
        let input = try context.input(0, block: block)
        try Movement.lower(context, into: context.output(index, block: block)) {
          builder, position in
          var source = position
          source[place] = position[place] + start
          return insideChannels(builder.view(input), source)
        }
      }
      offset += part[place]
    }
  }

  private func isView(
    _ context: NodeLowering, _ index: Int, axis: Int, offset: IndexExpr
  ) throws(Diagnostic) -> Bool {
    if context.isBlocked(0) {
      let input = try context.input(0, block: context.session.block)
      return context.makeChannelView(index, of: input, axis: axis, offset: offset)
    }
    let source = try context.inPlace(0)
    guard var view = source.strided else { return false }
    view.offset += view.strides[axis] * offset
    return try context.makeView(index, of: source, Layout(strided: view))
  }
}

/// A load at a position whose channel may lie beyond the last one where lanes of a block are surplus.
func insideChannels(_ view: View, _ position: [IndexExpr]) -> Expr {
  guard let block = view.layout.block, let channels = view.shape[1].value,
    (position[1].upperBound ?? .max) >= (channels + block - 1) / block * block
  else { return view.load(position) }
  return view.load(
    position, when: .compare(.less, .index(position[1]), .index(view.shape[1])),
    otherwise: .zero(view.element))
}
