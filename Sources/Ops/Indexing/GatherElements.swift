package import Diagnostics
package import IR
package import Tensors

/// Picks single elements along one axis: `y[i, j, k] = x[i, indices[i, j, k], k]` for axis 1.
///
/// - Inputs: `data` of any type; `indices` of the same rank in `-dimension..<dimension`. Output: `output` of the
///   shape of `indices`.
/// - Attribute: `axis`, 0 by default.
/// - Errors: `attribute.axis`, `shape.rank-mismatch`; `index.out-of-range` when it runs.
/// - Source: ONNX GatherElements-13 (versions 11, 13).
package struct GatherElements: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "GatherElements", versions: [11, 13],
    inputs: [.required("data", "T"), .required("indices", "Tind")],
    outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices])

  package var axis: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 0)
  }

  package init(axis: Int = 0) { self.axis = axis }

  package var attributes: Attributes { Attributes { $0.int("axis", axis, default: 0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let data = try context.tensorType(0)
    let indices = try context.knownShape(1)
    if let rank = data.shape?.count {
      _ = try Axes.one(axis, rank: rank)
      if let indices, indices.count != rank {
        throw Diagnostic(
          "shape.rank-mismatch", "indices have shape \(indices), expected rank \(rank)")
      }
    }
    return [.tensor(TensorType(data.element, indices))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let place = try Axes.one(axis, rank: data.rank)
    let offsets = try Offsets.along(
      place, of: data.shape, indices: inputs[1].ints, shape: inputs[1].shape)
    var mover = ElementMover(type: data.type, shape: inputs[1].shape)
    mover.pick(from: data, offsets)
    return [mover.finish()]
  }
}
