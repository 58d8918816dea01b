package import Diagnostics
package import IR
import Tensors

/// A Gather along the last axis.
extension ArrayFeatureExtractor: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard try context.element(0) != .string, let rank = try context.knownShape(0)?.count else {
      return nil
    }
    var graph = Composer(context)
    let columns = try graph.add(Reshape(), try graph.input(1), graph.integers([-1]))
    var output = try graph.add(Gather(axis: rank - 1), try graph.input(0), columns)
    if rank == 1 { output = try graph.add(Unsqueeze(), output, graph.integers([0])) }
    return graph.finish([output])
  }
}
