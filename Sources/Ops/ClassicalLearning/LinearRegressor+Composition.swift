package import Diagnostics
package import IR
import Tensors

/// A matrix product, and what `post_transform` makes of it.
extension LinearRegressor: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    guard let scores = try model.compose(try graph.input(0), &graph),
      try graph.shape(scores).last?.value == targets,
      let results = try transform.compose(scores, &graph)
    else { return nil }
    let output = try graph.single(results)
    return graph.finish([output])
  }
}
