package import Diagnostics
package import IR
import Tensors

/// Training with a seed: which numbers are drawn follows from the seed and the shape, what becomes of them from ratio and
/// mode.
///
///     %y, %mask = Dropout(%x, %ratio, %trains) {seed = s}
/// ->
///     %mask = Or(%drawn >= %ratio, Not(%trains))            // %drawn: a constant
///     %y = Where(%trains, Where(%mask, %x, %x * 0) / (1 - %ratio), %x)
extension Dropout: Composed {
  private static let mostElements = 1 << 22

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard let seed, context.hasInput(2),
      context.constant(2).map({ $0.ints.first ?? 0 != 0 }) ?? true,
      let shape = try context.tensorType(0).staticShape,
      let count = shape.checkedElementCount, count <= Self.mostElements
    else { return nil }
    var graph = Composer(context)
    let data = try graph.input(0)
    var generator = MersenneTwister(seed: Double(seed))
    let drawn = graph.constant(
      Tensor((0..<count).map { _ in generator.uniform() }, shape: shape))
    let half = graph.scalar(0.5, try context.element(0))
    let ratio = try graph.add(Cast(to: .f64), graph.optional(1) ?? half)
    let isZero = try graph.add(Equal(), ratio, graph.scalar(0, .f64))
    let rests = try graph.add(Or(), graph.add(Not(), try graph.input(2)), isZero)
    let isKept = try graph.add(GreaterOrEqual(), drawn, ratio)
    let mask = try graph.add(Or(), isKept, rests)
    let wide = try graph.add(Cast(to: .f64), data)
    let scaled = try graph.add(
      Div(), wide, graph.add(Sub(), graph.scalar(1, .f64), ratio))
    let dropped = try graph.add(Mul(), wide, graph.scalar(0, .f64))
    let trained = try graph.add(CastLike(), graph.add(Where(), mask, scaled, dropped), data)
    let output = try graph.add(Where(), rests, data, trained)
    return graph.finish([output, mask])
  }
}
