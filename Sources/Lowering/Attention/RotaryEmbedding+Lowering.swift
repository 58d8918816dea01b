package import Diagnostics
import Loops
package import Ops
import Tensors

extension RotaryEmbedding: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, cosines, sines) = try (context.plain(0), context.plain(1), context.plain(2))
    let ids = context.hasInput(3) ? try context.plain(3) : nil
    let shape = x.shape
    let isFlat = shape.count == 3
    let size = isFlat ? shape[2].floorDiv(IndexExpr(heads)) : shape[3]
    let half = rotated == 0 ? size.floorDiv(2) : IndexExpr(rotated / 2)
    if let limit = size.value, rotated > limit {
      throw Diagnostic("shape.cache", "\(rotated) rotated elements of heads of \(limit)")
    }
    if isFlat { try context.require(0, axis: 2, divisibleBy: max(1, heads)) }
    if rotated > 0 {
      try context.require("the rotated part of a head", IndexExpr(rotated), .atMost, size)
    }
    let row = isFlat ? shape[1] : shape[2]
    if ids == nil { try context.require(1, [shape[0], row, half]) }
    if ids != nil {
      try context.require(1, [cosines.shape[0], half])
      try context.require(3, [shape[0], row])
    }
    try context.require(2, cosines.shape)
    let state: ElementType = x.element == .f64 ? .f64 : .f32
    let isInterleaved = interleaved
    try Movement.lower(context, into: context.output()) { builder, position in
      let last = position[position.count - 1]
      let i = isFlat ? last.mod(size) : last
      let row = isFlat ? position[1] : position[2]
      // The place in the pair's angles, the other element of the pair, and which of the two this one is.
      let angle = isInterleaved ? IndexExpr.min(i.floorDiv(2), half - 1) : i.mod(half)
      let other = isInterleaved ? i + 1 - i.mod(2) * 2 : (i + half).mod(half * 2)
      let isFirst: Expr =
        isInterleaved
        ? .compare(.equal, .index(i.mod(2)), .zero(.i64))
        : .compare(.less, .index(i), .index(half))
      let turns = Expr.compare(.less, .index(i), .index(half * 2))
      var statements: [Statement] = []
      var place = [position[0], row, angle]
      if let ids {
        let load = builder.view(ids).load([position[0], row])
        let (binding, index) = clampedIndex(builder, load, cosines.shape[0])
        statements = binding
        place = [index, angle]
      }
      var pair = position
      pair[position.count - 1] = isFlat ? last - i + other : other
      let own = builder.view(x).load(position).converted(to: state)
      let partner = builder.view(x).load(pair, when: turns, otherwise: .zero(x.element))
        .converted(to: state)
      func part(_ table: Placed) -> Expr {
        builder.view(table).load(place, when: turns, otherwise: .zero(table.element))
          .converted(to: state)
      }
      let crossed = partner.times(part(sines))
      let turned = own.times(part(cosines))
        .plus(.select(isFirst, Expr.zero(state).minus(crossed), crossed))
      return (statements, Expr.select(turns, turned, own).converted(to: x.element))
    }
  }
}
