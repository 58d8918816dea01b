package import Diagnostics
package import IR
package import Tensors

/// The positions of elements that are not zero, one column each, in row-major order.
///
/// - Input: `X` of any type (a string is zero when empty). Output: `Y`, `i64[rank, count]`; the count is known when it runs.
/// - Source: ONNX NonZero-13 (versions 9, 13); a scalar has `[0, count]`.
package struct NonZero: TensorOp {
  package static let schema = OpSchema(
    "NonZero", versions: [9, 13], inputs: [.required("X", "T")], outputs: [.required("Y", "I")],
    types: ["T": .all, "I": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rank = try context.knownShape(0).map { IndexExpr($0.count) }
    return [
      .tensor(.i64, [rank ?? context.freshDimension(axis: 0), context.freshDimension(axis: 1)])
    ]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    var found: [Int] = []
    if x.type == .string {
      for (index, text) in x.strings.enumerated() where !text.isEmpty { found.append(index) }
    } else if let integers = x.integers {
      for (index, value) in integers.enumerated() where value != 0 { found.append(index) }
    } else {
      for (index, value) in x.doubles.enumerated() where value != 0 { found.append(index) }
    }
    var positions: [Int64] = []
    for (stride, extent) in zip(x.shape.rowMajorStrides, x.shape) {
      for index in found { positions.append(Int64(index / stride % extent)) }
    }
    return [Tensor(positions, shape: [x.rank, found.count])]
  }
}
