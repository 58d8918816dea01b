package import Diagnostics
package import IR
import Tensors

/// Steps through tables of nodes, and a table of what leaves vote; see `DecisionForest.leaves(of:_:)`. Labels that are strings
/// have no such form.
extension TreeEnsembleClassifier: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    guard labels.strings == nil,
      var scores = try forest.compose(try graph.input(0), targets: classCount, .sum, &graph)
    else { return nil }
    if isBinary, let target = forest.votedTargets.first {
      guard (0..<classCount).contains(target) else { return nil }
      let score = try graph.add(
        Gather(axis: 1), scores, graph.integers([target]))
      let isPlain = transform == .none || transform == .probit
      let other =
        isPlain
        ? try graph.add(Sub(), graph.scalar(1, .f32), score) : try graph.add(Neg(), score)
      scores = try graph.addAll(Concat(axis: 1), [other, score], outputCount: 1)[0]
    }
    guard let output = try transform.compose(scores, &graph) else { return nil }
    let best = try graph.add(ArgMax(form: ArgReductionForm(axis: 1, keepsDimension: false)), output)
    let names = graph.constant(labels.select(Array(0..<classCount)))
    let label = try graph.add(Gather(), names, best)
    return graph.finish([label, output])
  }
}
