package import Diagnostics
package import IR
package import Tensors

/// `Y = (X - mean) / (sqrt(var) + 1e-9)` over given axes.
///
/// - Input: `X` of floats. Output: same shape and type.
/// - Errors: `attribute.axis`.
/// - Source: ONNX MeanVarianceNormalization-13 (versions 9, 13), with the constant of its function body.
package struct MeanVarianceNormalization: TensorOp {
  package static let schema = OpSchema(
    "MeanVarianceNormalization", versions: [9, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var axes: [Int]

  package init(axes: [Int] = [0, 2, 3]) { self.axes = axes }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axes = try attributes.ints("axes") ?? [0, 2, 3]
  }

  package var attributes: Attributes {
    Attributes { $0.ints("axes", axes, default: [0, 2, 3]) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    if let rank = type.shape?.count {
      for axis in axes { _ = try context.axis(axis, rank: rank, name: "axes") }
    }
    return [.tensor(type)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    var reduced: Set<Int> = []
    for axis in axes { reduced.insert(try TensorAxis.resolve(axis, rank: x.rank)) }
    // Every element's group: its position along the axes that stay.
    let kept = x.shape.indices.map { reduced.contains($0) ? 1 : x.shape[$0] }
    var groups: [[Int]] = Array(repeating: [], count: kept.elementCount)
    var index = 0
    Broadcasting.forEach(x.shape, x.shape, kept) { _, group in
      groups[group].append(index)
      index += 1
    }
    var values = x.doubles
    for group in groups where !group.isEmpty {
      let moments = Moments(ArraySlice(group.map { values[$0] }))
      let divisor = moments.variance.squareRoot() + 1e-9
      for i in group { values[i] = (values[i] - moments.mean) / divisor }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }
}
