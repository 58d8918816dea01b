package import Diagnostics
package import IR
import Tensors

/// A matrix product, what `post_transform` makes of it, and the place of the highest score. Labels that are strings have no
/// such form.
extension LinearClassifier: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    guard labels.strings == nil, var scores = try model.compose(try graph.input(0), &graph),
      var classes = try graph.shape(scores).last?.value
    else { return nil }
    if classes == 1, labels.count == 2 {
      let others = try graph.add(Neg(), scores)
      scores = try graph.addAll(Concat(axis: 1), [others, scores], outputCount: 1)[0]
      classes = 2
    }
    guard let output = try transform.compose(scores, &graph) else { return nil }
    let best = try best(of: output, classes, &graph)
    let names = graph.constant(
      classes == 1 ? memberLabels.select([0, 1]) : labels.select(Array(0..<classes)))
    let label = try graph.add(Gather(), names, best)
    let single = try graph.single(output)
    return graph.finish([label, single])
  }

  /// The number of each sample's class, `i64[N]`.
  private func best(
    of scores: ValueID, _ classes: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    guard classes == 1 else {
      return try graph.add(
        ArgMax(form: ArgReductionForm(axis: 1, keepsDimension: false)), scores)
    }
    let element = graph.type(scores)?.element ?? .f32
    let isMember = try graph.add(
      GreaterOrEqual(), scores, graph.scalar(memberThreshold, element))
    let flat = try graph.add(Reshape(), isMember, graph.integers([-1]))
    return try graph.add(Cast(to: .i64), flat)
  }
}
