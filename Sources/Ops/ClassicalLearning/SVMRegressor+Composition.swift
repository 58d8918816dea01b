package import Diagnostics
package import IR
import Tensors

/// The kernel's products, their weighted sum, and what `post_transform` makes of it.
extension SVMRegressor: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    guard let columns = try graph.shape(input).last?.value, columns > 0 else { return nil }
    let (x, element) = try graph.samples(input)
    var terms = x
    if vectorCount > 0 {
      try machine.check(count: vectorCount, columns: columns)
      terms = try machine.products(x, count: vectorCount, element, &graph)
    } else if machine.coefficients.count != columns {
      return nil
    }
    let weights = Tensor(
      doubles: machine.coefficients, shape: [1, machine.coefficients.count], type: element)
    let bias = Tensor(doubles: [machine.rho[0]], shape: [1], type: element)
    var sum = try graph.add(
      Gemm(transB: true), terms, graph.constant(weights), graph.constant(bias))
    if isOneClass {
      let isAbove = try graph.add(Greater(), sum, graph.scalar(0, element))
      sum = try graph.add(
        Where(), isAbove, graph.scalar(1, element), graph.scalar(-1, element))
    }
    guard let result = try transform.compose(sum, &graph) else { return nil }
    let output = try graph.single(result)
    return graph.finish([output])
  }
}
