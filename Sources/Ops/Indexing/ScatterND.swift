package import Diagnostics
package import IR
package import Tensors

/// A copy of `data` with the slices that tuples of indices name replaced or combined:
/// `y[indices[i...]..., k...] = updates[i..., k...]`.
///
/// - Inputs: `data` of any type; `indices`, `i64`, whose last dimension is the length of a tuple; `updates` of shape
///   `indices.shape[..<last] + data.shape[length...]`. Output: `output` of the shape of `data`.
/// - Attribute: `reduction`: none, add, mul, max or min.
/// - Errors: `shape.mismatch`; `index.out-of-range` when it runs.
/// - Source: ONNX ScatterND-18 (versions 11, 13, 16 with add and mul, 18 with max and min).
package struct ScatterND: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "ScatterND", versions: [11, 13, 16, 18],
    inputs: [.required("data", "T"), .required("indices", "I"), .required("updates", "T")],
    outputs: [.required("output", "T")], types: ["T": .all, "I": .i64])

  package let reduction: ScatterReduction

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    let name = try attributes.string("reduction", default: "none", oneOf: ScatterReduction.names)
    reduction = ScatterReduction(rawValue: name) ?? .none
  }

  package var attributes: Attributes {
    Attributes { $0.string("reduction", reduction.rawValue, default: "none") }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let data = try context.tensorType(0)
    if let shape = data.shape, let indices = try context.knownShape(1) {
      guard let last = indices.last, last.value.map({ $0 <= shape.count && $0 >= 0 }) ?? true else {
        throw Diagnostic(
          "shape.mismatch", "indices of shape \(indices) do not fit data of shape \(shape)")
      }
      if let length = last.value, let updates = try context.knownShape(2),
        updates.count != indices.count - 1 + shape.count - length
      {
        throw Diagnostic(
          "shape.mismatch",
          "updates have shape \(updates), expected \(indices.dropLast() + shape[length...])")
      }
    }
    return [.tensor(data)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    reduction == .none ? MovedContents.infer(self, context, data: [0, 2]) : [nil]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let (runs, run) = try Offsets.tuples(
      of: data.shape, batchRank: 0, indices: inputs[1].ints, shape: inputs[1].shape)
    guard inputs[2].elementCount == runs.count * run else {
      throw Diagnostic(
        "shape.mismatch",
        "updates have shape \(inputs[2].shape), expected \(runs.count) slices of \(run) elements")
    }
    return [try reduction.apply(inputs[2], to: data, runs, run: run)]
  }
}
