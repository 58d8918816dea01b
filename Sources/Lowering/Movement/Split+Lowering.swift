package import Diagnostics
import Loops
package import Ops
import Tensors

extension Split: Lowerable, ViewMaking {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let place = axis < 0 ? axis + shape.count : axis
    if context.hasInput(1) {
      try context.require(0, axis: place, .equal, try sizes(context, place).reduce(0, +))
    } else if partCount == nil {
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

  /// The sizes of the parts; those that only data knows get their values here, negative ones 0.
  private func sizes(_ context: NodeLowering, _ axis: Int) throws(Diagnostic) -> [IndexExpr] {
    if let known = context.contents(1) { return known }
    let count = context.outputCount
    let given = try context.vector(1, count: count)
    return try (0..<count).map { index throws(Diagnostic) in
      let declared = try context.hasOutput(index) ? context.outputShape(index)[axis] : nil
      let size = declared ?? .symbol("\(context.label).part.\(index)")
      try context.define(size) { builder in
        ([], builder.view(given).load([IndexExpr(index)]).converted(to: .i64))
      }
      return size
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
