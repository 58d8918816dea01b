package import Diagnostics
import Loops
package import Ops
import Tensors

extension ReverseSequence: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (input, lengths) = try (context.plain(0), context.plain(1))
    try context.require(1, [input.shape[batchAxis]])
    let time = input.shape[timeAxis]
    let (timeAxis, batchAxis) = (timeAxis, batchAxis)
    try Movement.lower(context, into: context.output()) { builder, position in
      let length = builder.view(lengths).load([position[batchAxis]]).converted(to: .i64)
      let moment = Expr.index(position[timeAxis])
      let mirrored = length.minus(1).minus(moment)
      let source = Expr.select(.compare(.less, moment, length), mirrored, moment)
      let (statements, index) = clampedIndex(builder, source, time)
      var place = position
      place[timeAxis] = index
      return (statements, builder.view(input).load(place))
    }
  }
}

extension CenterCropPad: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let input = try context.plain(0)
    let shape = try context.outputShape()
    let places = (axes ?? Array(shape.indices)).map { $0 < 0 ? $0 + shape.count : $0 }
    for (number, axis) in places.enumerated() where context.isUndefined(shape[axis]) {
      let wanted = try context.vector(1, count: places.count)
      try context.define(shape[axis]) { builder in
        ([], builder.view(wanted).load([IndexExpr(number)]).converted(to: .i64))
      }
    }
    try Movement.lower(context, into: context.output()) { builder, position in
      var condition = Expr.integer(1, .bool)
      var source = position
      for axis in position.indices where shape[axis] != input.shape[axis] {
        // Of an odd difference the larger half is at the end, whichever sign it has.
        let crop = IndexExpr.max(0, input.shape[axis] - shape[axis]).floorDiv(2)
        let pad = IndexExpr.max(0, shape[axis] - input.shape[axis]).floorDiv(2)
        source[axis] = position[axis] + crop - pad
        let low = Expr.compare(.greaterOrEqual, .index(source[axis]), .index(0))
        let high = Expr.compare(.less, .index(source[axis]), .index(input.shape[axis]))
        condition = .binary(.and, condition, .binary(.and, low, high))
      }
      return builder.view(input).load(source, when: condition, otherwise: .zero(input.element))
    }
  }
}
