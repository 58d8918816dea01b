package import Diagnostics
package import IR
import Tensors

/// Steps through tables of nodes, and a table of what leaves vote; see `DecisionForest.leaves(of:_:)`.
extension TreeEnsemble: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    let element = try context.element(0)
    let wide: ElementType = element == .f64 ? .f64 : .f32
    guard let leaves = try forest.leaves(of: input, &graph),
      let scores = try forest.combine(
        votes, of: leaves, targets: targets, aggregate, wide, &graph),
      let final = try transform.compose(scores, &graph)
    else { return nil }
    let output = try graph.add(Cast(to: element), final)
    return graph.finish([output])
  }
}

extension NumberedForest {
  /// The scores of every sample as operators, `f32[N, targets]`, with base values; nil where the trees have no such form.
  func compose(
    _ input: ValueID, targets: Int, _ aggregate: ForestAggregate, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID? {
    guard let leaves = try forest.leaves(of: input, &graph),
      let scores = try forest.combine(
        votes, of: leaves, targets: targets, aggregate, .f32, &graph)
    else { return nil }
    if baseValues.isEmpty { return scores }
    let base = (0..<targets).map { $0 < baseValues.count ? baseValues[$0] : 0 }
    return try graph.add(
      Add(), scores, graph.constant(Tensor(doubles: base, shape: [targets], type: .f32)))
  }
}
