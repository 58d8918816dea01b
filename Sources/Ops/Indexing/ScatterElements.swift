package import Diagnostics
package import IR
package import Tensors

/// A copy of `data` with single elements replaced or combined along one axis:
/// `y[i, indices[i, j, k], k] = updates[i, j, k]` for axis 1.
///
/// - Inputs: `data` of any type; `indices` of the same rank; `updates` of the shape of `indices`. Output: `output` of
///   the shape of `data`.
/// - Attributes: `axis`, 0 by default; `reduction`: none, add, mul, max or min.
/// - Errors: `attribute.axis`, `shape.rank-mismatch`; `index.out-of-range` when it runs.
/// - Source: ONNX ScatterElements-18 (versions 11, 13, 16 with add and mul, 18 with max and min); Scatter-11
///   (versions 9, 11) is its older name.
package struct ScatterElements: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "ScatterElements", versions: [11, 13, 16, 18],
    inputs: [.required("data", "T"), .required("indices", "Tind"), .required("updates", "T")],
    outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices])

  package var axis: Int
  package let reduction: ScatterReduction

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 0)
    let name = try attributes.string("reduction", default: "none", oneOf: ScatterReduction.names)
    reduction = ScatterReduction(rawValue: name) ?? .none
  }

  package init(axis: Int) {
    self.axis = axis
    reduction = .none
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: 0)
      $0.string("reduction", reduction.rawValue, default: "none")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let data = try context.tensorType(0)
    if let shape = data.shape {
      _ = try Axes.one(axis, rank: shape.count)
      for input in 1...2 {
        guard let other = try context.knownShape(input), other.count != shape.count else {
          continue
        }
        throw Diagnostic(
          "shape.rank-mismatch", "input \(input) has shape \(other), expected rank \(shape.count)")
      }
    }
    return [.tensor(data)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    reduction == .none ? MovedContents.infer(self, context, data: [0, 2]) : [nil]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let place = try Axes.one(axis, rank: data.rank)
    guard inputs[2].shape == inputs[1].shape else {
      throw Diagnostic(
        "shape.mismatch", "updates have shape \(inputs[2].shape), expected \(inputs[1].shape)")
    }
    let offsets = try Offsets.along(
      place, of: data.shape, indices: inputs[1].ints, shape: inputs[1].shape)
    return [try reduction.apply(inputs[2], to: data, offsets, run: 1)]
  }
}
