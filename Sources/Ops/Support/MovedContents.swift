import IR
import Tensors

/// What shape computations learn from operators that only move elements: the operator itself is run on the
/// numbers of the elements, and where number `i` comes out, element `i` comes out.
enum MovedContents {
  /// For each output the elements, or nil where they are not known.
  ///
  /// - Parameters:
  ///   - data: the inputs whose elements move; all others must be known integers.
  ///   - naming: whether a few integers of which nothing is known get names, so that the others are kept.
  static func infer(
    _ op: some TensorOp, _ context: InferenceContext, data: Set<Int>, naming: Bool = false
  ) -> [[IndexExpr]?] {
    let unknown = [[IndexExpr]?](repeating: nil, count: context.outputCount)
    // Number 0 stands for the zeros that an operator fills in by itself.
    var elements: [IndexExpr] = [0]
    var operands: [Tensor?] = []
    for index in 0..<context.inputCount {
      guard context.hasInput(index) else {
        operands.append(nil)
        continue
      }
      guard let shape = context.types[index]?.tensor?.staticShape,
        let count = shape.checkedElementCount, count <= 4096
      else { return unknown }
      if data.contains(index) {
        guard let found = contents(context, index, count: count, naming) else { return unknown }
        let first = elements.count
        elements += found
        operands.append(Tensor((first..<first + count).map { Int64($0) }, shape: shape))
      } else if let constant = context.constant(index) {
        operands.append(constant)
      } else if let values = context.integers(index), values.count == count,
        let type = context.types[index]?.tensor?.element
      {
        operands.append(Tensor(integers: values, shape: shape, type: type))
      } else {
        return unknown
      }
    }
    guard
      let results = try? op.evaluate(Operands(operands, outputCount: context.outputCount))
    else { return unknown }
    return results.map { result in result.ints.map { elements[$0] } }
  }

  private static func contents(
    _ context: InferenceContext, _ index: Int, count: Int, _ naming: Bool
  ) -> [IndexExpr]? {
    if let found = context.contents(index) { return found.count == count ? found : nil }
    guard let type = context.types[index]?.tensor?.element, naming, type.isInteger,
      count <= 16
    else { return nil }
    return (0..<count).map {
      .unknownInteger("\(context.symbolPrefix).in\(index).\($0)")
    }
  }
}
