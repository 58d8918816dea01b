package import Diagnostics
import IR
import Loops
package import Ops
import Tensors

extension Pad: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let known = context.inference
    let mode = mode
    let fill = context.hasInput(2) ? try context.plain(2) : nil
    let literal = context.constant(2).flatMap { Expr.literal(of: $0) }
    func value(_ builder: KernelBuilder) -> Expr {
      guard let fill else { return .zero(element) }
      let load = literal ?? builder.view(fill).load(fill.shape.map { _ in 0 })
      return load.converted(to: element)
    }
    // Pads may be known and still leave a dimension that only they can say at run time.
    let output = try context.outputShape()
    guard let contents = context.contents(1), !context.hasInput(3) || known.integers(3) != nil,
      !output.contains(where: { context.isUndefined($0) })
    else {
      return try ComputedPad.lower(
        context, fill: value,
        source: mode == .constant ? nil : { index, extent in mode.source(index, extent) })
    }
    let pads = try pads(rank: shape.count, contents, known.integers(3))
    let isBlocked = context.isBlocked(0) && pads[1].begin == 0 && pads[1].end == 0
    let block = isBlocked ? context.session.block : nil
    let input = try context.input(0, block: block)
    try Movement.lower(context, into: context.output(block: block)) { builder, position in
      let view = builder.view(input)
      let source = position.indices.map { position[$0] - pads[$0].begin }
      if mode != .constant {
        return view.load(source.indices.map { mode.source(source[$0], shape[$0]) })
      }
      var condition: Expr?
      for (axis, index) in source.enumerated() where pads[axis].begin != 0 || pads[axis].end != 0 {
        let low = Expr.compare(.greaterOrEqual, .index(index), .index(0))
        let high = Expr.compare(.less, .index(index), .index(shape[axis]))
        let both = Expr.binary(.and, low, high)
        condition = condition.map { .binary(.and, $0, both) } ?? both
      }
      guard let condition else { return view.load(source) }
      return view.load(source, when: condition, otherwise: value(builder))
    }
  }
}

extension PaddingMode {
  /// The input position that a position beside the input repeats.
  func source(_ position: IndexExpr, _ count: IndexExpr) -> IndexExpr {
    switch self {
    case .constant: return position
    case .edge: return .max(0, .min(position, count - 1))
    case .wrap: return position.mod(count)
    case .reflect:
      // Back and forth with period 2 * (count - 1); one element repeats for ever.
      let period = IndexExpr.max(count * 2 - 2, 1)
      let place = position.mod(period)
      return .min(.min(place, period - place), count - 1)
    }
  }
}
