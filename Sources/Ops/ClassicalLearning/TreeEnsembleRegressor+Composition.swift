package import Diagnostics
package import IR
import Tensors

/// Steps through tables of nodes, and a table of what leaves vote; see `DecisionForest.leaves(of:_:)`.
extension TreeEnsembleRegressor: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    guard
      let scores = try forest.compose(try graph.input(0), targets: targets, aggregate, &graph),
      let output = try transform.compose(scores, &graph)
    else { return nil }
    return graph.finish([output])
  }
}
