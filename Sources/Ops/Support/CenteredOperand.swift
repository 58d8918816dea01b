import Diagnostics
import Tensors

/// An integer matrix operand with its zero points taken off.
struct CenteredOperand {
  let values: [Int]

  /// - Parameters:
  ///   - axisFromEnd: the axis that a vector of zero points runs along, 1 for columns, 2 for rows.
  /// - Throws: `shape.zero-point` when the zero points fit neither the tensor nor that axis.
  init(_ tensor: Tensor, zeroPoint: Tensor?, axisFromEnd: Int) throws(Diagnostic) {
    let raw = tensor.integers ?? []
    guard let zeroPoint, let points = zeroPoint.integers else {
      values = raw
      return
    }
    let places = try Self.places(tensor.shape, zeroPoint.shape, axisFromEnd)
    values = raw.indices.map { raw[$0] - points[places?[$0] ?? 0] }
  }

  /// For each element of an operand the place of its scale or zero point; nil where there is one for all.
  static func places(
    _ shape: [Int], _ parameter: [Int], _ axisFromEnd: Int
  ) throws(Diagnostic) -> [Int]? {
    if parameter.elementCount == 1 { return nil }
    let axis = shape.count - axisFromEnd
    var expected = shape
    if axis >= 0, expected.count >= 2 { expected[shape.count - (3 - axisFromEnd)] = 1 }
    if axis >= 0, parameter == [shape[axis]] {
      // A vector runs along the axis, the same for every matrix of a batch.
      let inner = shape[(axis + 1)...].reduce(1, *)
      return (0..<shape.elementCount).map { $0 / inner % shape[axis] }
    }
    guard parameter == expected else {
      throw Diagnostic(
        "shape.zero-point",
        "scale or zero point of shape \(parameter) does not fit an operand of shape \(shape)")
    }
    let strides = Broadcasting.strides(parameter, along: shape)
    let own = shape.rowMajorStrides
    return (0..<shape.elementCount).map { index in
      shape.indices.reduce(0) { $0 + index / own[$1] % shape[$1] * strides[$1] }
    }
  }
}
