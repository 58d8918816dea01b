package import Diagnostics
package import IR
import Tensors

/// A reduction along the last axis, and a division by it. Squares are summed in f64, where those of f32 neither overflow nor
/// vanish.
extension Normalizer: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    let rank = try graph.shape(input).count
    guard (1...2).contains(rank) else { return nil }
    var (x, element) = try graph.floats(input)
    if norm == "L2", element != .f64 {
      x = try graph.add(Cast(to: .f64), x)
      element = .f64
    }
    let axis = graph.integers([rank - 1])
    let form = ReductionForm()
    let length: ValueID
    switch norm {
    case "L1": length = try graph.add(ReduceL1(form: form), x, axis)
    case "L2": length = try graph.add(ReduceL2(form: form), x, axis)
    default: length = try graph.add(ReduceMax(form: form), try graph.add(Abs(), x), axis)
    }
    let divisor = try graph.addAll(
      Max(), [length, graph.scalar(Self.leastDivisor, element)], outputCount: 1)[0]
    let output = try graph.single(try graph.add(Div(), x, divisor))
    return graph.finish([output])
  }
}
