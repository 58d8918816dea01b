package import Diagnostics
import Loops
package import Ops
import Tensors

extension Split: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let place = axis < 0 ? axis + shape.count : axis
    let block = context.isBlocked(0) ? context.session.block : nil
    let input = try context.input(0, block: block)
    if let sizes = context.hasInput(1) ? context.contents(1) : nil {
      try context.require(0, axis: place, .equal, sizes.reduce(0, +))
    } else if !context.hasInput(1), partCount == nil {
      try context.require(0, axis: place, divisibleBy: max(1, context.outputCount))
    }
    var offset = IndexExpr(0)
    for index in 0..<context.outputCount {
      let part = try context.outputShape(index)
      if context.hasOutput(index),
        !context.isAlias(index, of: input, axis: place, offset: offset)
      {
        let start = offset
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
}

/// A load at a position whose channel may lie beyond the last one where lanes of a block are surplus.
func insideChannels(_ view: View, _ position: [IndexExpr]) -> Expr {
  guard view.layout.block != nil, let stored = view.layout.storedShape(view.shape)[1].value,
    let block = view.layout.block, (position[1].upperBound ?? .max) >= stored * block
  else { return view.load(position) }
  return view.load(
    position, when: .compare(.less, .index(position[1]), .index(view.shape[1])),
    otherwise: .zero(view.element))
}
