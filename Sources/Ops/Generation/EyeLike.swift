package import Diagnostics
package import IR
package import Tensors

/// A matrix with ones on one diagonal and zeros elsewhere, of the shape of the input.
///
/// - Input: `input`, a matrix of any type, whose shape matters only. Output: same shape.
/// - Attributes: `k` (default 0): the diagonal, above the main one when positive; `dtype` (default that of the input).
/// - Errors: `shape.rank`.
/// - Source: ONNX EyeLike-22 (versions 9, 22).
package struct EyeLike: TensorOp {
  package static let schema = OpSchema(
    "EyeLike", versions: [9, 22], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")],
    types: ["T1": TypeSet.numeric.union(.bool), "T2": TypeSet.numeric.union(.bool)])

  package let type: ElementType?
  /// Columns right of the main diagonal.
  package let diagonal: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    type = try attributes.elementType("dtype")
    diagonal = try attributes.int("k", default: 0)
  }

  package init(type: ElementType? = nil, diagonal: Int = 0) {
    self.type = type
    self.diagonal = diagonal
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("dtype", type.map { Int($0.rawValue) })
      $0.int("k", diagonal, default: 0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    if let shape = input.shape, shape.count != 2 {
      throw Diagnostic("shape.rank", "input has shape \(shape), expected a matrix")
    }
    return [.tensor(TensorType(type ?? input.element, input.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard x.rank == 2 else {
      throw Diagnostic("shape.rank", "input has shape \(x.shape), expected a matrix")
    }
    var values = Array(repeating: 0, count: x.elementCount)
    for row in 0..<x.shape[0] {
      let (column, overflow) = row.addingReportingOverflow(diagonal)
      if !overflow, column >= 0, column < x.shape[1] { values[row * x.shape[1] + column] = 1 }
    }
    return [Tensor(integers: values, shape: x.shape, type: type ?? x.type)]
  }
}
