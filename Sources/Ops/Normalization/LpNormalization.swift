package import Diagnostics
package import IR
package import Tensors

/// `output = input / norm_p(input)` along an axis; a lane of norm zero stays zero.
///
/// - Input: a tensor of floats. Output: same shape and type.
/// - Errors: `attribute.axis`, `attribute.value`.
/// - Source: ONNX LpNormalization-22 (versions 1, 22).
package struct LpNormalization: TensorOp {
  package static let schema = OpSchema(
    "LpNormalization", versions: [1, 22], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  package var axis: Int
  package var p: Int

  package init(axis: Int = -1, p: Int = 2) {
    self.axis = axis
    self.p = p
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: -1)
    p = try LpNorm.order(&attributes)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: -1)
      $0.int("p", p, default: 2)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    if let rank = type.shape?.count { _ = try context.axis(axis, rank: rank) }
    return [.tensor(type)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard x.rank > 0 else {
      throw Diagnostic("shape.rank", "input is a scalar, expected rank 1 or more")
    }
    let axis = try TensorAxis.resolve(axis, rank: x.rank)
    var values = x.doubles
    AxisSplit(x.shape, axis: axis).mapLanes(&values) { lane in
      let norm = LpNorm.root(lane.reduce(0) { $0 + LpNorm.power($1, p) }, p)
      if norm != 0 { for index in lane.indices { lane[index] /= norm } }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }
}
