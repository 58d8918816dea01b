package import Diagnostics
package import IR
import Tensors

/// A comparison in f64, which holds every threshold.
extension Binarizer: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    let wide = try graph.add(Cast(to: .f64), input)
    let marks = try graph.add(Greater(), wide, graph.scalar(threshold, .f64))
    let output = try graph.add(Cast(to: try context.element(0)), marks)
    return graph.finish([output])
  }
}
