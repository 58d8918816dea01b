package import Diagnostics
package import IR
import Tensors

/// A choice between the elements and a row of values.
extension Imputer: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let x = try graph.input(0)
    let element = try context.element(0)
    let columns = try graph.shape(x).last?.value
    let count = element.isFloat ? floats?.count : integers?.count
    guard let count, count == 1 || count == columns else { return nil }
    let values: Tensor
    let isMissing: ValueID
    if element.isFloat {
      values = Tensor(doubles: floats ?? [], shape: [count], type: element)
      isMissing =
        missingFloat.isNaN
        ? try graph.add(IsNaN(), x)
        : try graph.add(Equal(), x, graph.scalar(missingFloat, element))
    } else {
      values = Tensor(integers: integers ?? [], shape: [count], type: element)
      let missing = Tensor(integers: [missingInteger], shape: [], type: element)
      isMissing = try graph.add(Equal(), x, graph.constant(missing))
    }
    let output = try graph.add(Where(), isMissing, graph.constant(values), x)
    return graph.finish([output])
  }
}
