package import Diagnostics
package import IR
import Tensors

/// A subtraction and a multiplication of columns.
extension Scaler: Composed {
  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    let input = try graph.input(0)
    let columns = try graph.shape(input).last?.value
    guard [offset, scale].allSatisfy({ $0 == nil || $0?.count == 1 || $0?.count == columns })
    else { return nil }
    let (x, element) = try graph.floats(input)
    var result = x
    if let offset {
      let tensor = Tensor(doubles: offset, shape: [offset.count], type: element)
      result = try graph.add(Sub(), result, graph.constant(tensor))
    }
    if let scale {
      let tensor = Tensor(doubles: scale, shape: [scale.count], type: element)
      result = try graph.add(Mul(), result, graph.constant(tensor))
    }
    let output = try graph.single(result)
    return graph.finish([output])
  }
}
