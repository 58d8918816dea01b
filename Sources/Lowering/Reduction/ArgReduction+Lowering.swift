package import Diagnostics
package import Loops
package import Ops
import Tensors

/// An operator that finds the place of an extreme element: a running champion and its place.
package protocol ArgReductionLowerable: ArgReduction, Lowerable {
  /// How an element that beats the champion compares with it.
  static var relation: Loops.Comparison { get }
}

extension ArgMax: ArgReductionLowerable {
  package static let relation = Loops.Comparison.greater
}

extension ArgMin: ArgReductionLowerable {
  package static let relation = Loops.Comparison.less
}

extension ArgReductionLowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let isScalar = shape.isEmpty
    let extents = isScalar ? [1] : shape
    let place = form.axis < 0 ? form.axis + extents.count : form.axis
    let input = try context.plain(0).reshaped(to: extents)
    let element = input.element
    let state: ElementType = element == .f16 || element == .bf16 ? .f32 : element
    let worst =
      Self.relation == .greater ? ReductionFold.lowest(state) : ReductionFold.highest(state)
    let sink = try context.output()
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      var source = position
      if isScalar {
        source = [0]
      } else if !form.keepsDimension {
        source.insert(0, at: place)
      }
      let best = builder.registers("best", state)
      let at = builder.registers("at", .i64)
      let loop = try builder.loop("k", extents[place]) { index in
        source[place] = index
        let candidate = builder.local("x", state)
        let load = builder.view(input).load(source).converted(to: state)
        let wins = builder.local("wins", .bool)
        return [
          .let(candidate, load),
          .let(wins, self.wins(.local(candidate), against: .register(best, []))),
          .set(best, [], .select(.local(wins), .local(candidate), .register(best, []))),
          .set(at, [], .select(.local(wins), .index(index), .register(at, []))),
        ]
      }
      return [.registers(best, initial: worst), .registers(at, initial: .zero(.i64))] + loop
        + (try sink.store(.register(at, []), at: position, builder))
    }
    context.launch("arg_reduce", builder, body, work: extents.reduce(2, *))
  }

  /// A NaN beats every number and is beaten by nothing.
  private func wins(_ candidate: Expr, against champion: Expr) -> Expr {
    var wins = Expr.compare(Self.relation, candidate, champion)
    if form.selectsLast {
      wins = .binary(.or, wins, .compare(.equal, candidate, champion))
    }
    guard candidate.type.isFloat else { return wins }
    let isBeatable = Expr.unary(.not, champion.apply(.isNaN))
    return .binary(.and, .binary(.or, wins, candidate.apply(.isNaN)), isBeatable)
  }
}
