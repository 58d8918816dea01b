package import Diagnostics
package import IR
package import Tensors

/// Picks slices that tuples of indices name: `y[b..., i..., k...] = x[b..., indices[b..., i...]..., k...]`.
///
/// - Inputs: `data` of any type; `indices`, `i64`, whose last dimension is the length of a tuple. Output: `output` of
///   shape `indices.shape[..<last] + data.shape[batch_dims + length...]`.
/// - Attribute: `batch_dims`, the number of leading dimensions that both share, 0 by default.
/// - Errors: `attribute.value`, `shape.mismatch`; `index.out-of-range` when it runs.
/// - Source: ONNX GatherND-13 (versions 11, 12 with `batch_dims`, 13).
package struct GatherND: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "GatherND", versions: [11, 12, 13],
    inputs: [.required("data", "T"), .required("indices", "I")],
    outputs: [.required("output", "T")], types: ["T": .all, "I": .i64])

  package var batchRank: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    batchRank = try attributes.int("batch_dims", default: 0)
    guard batchRank >= 0 else {
      throw Diagnostic("attribute.value", "batch_dims is \(batchRank), expected at least 0")
    }
  }

  package init(batchRank: Int = 0) { self.batchRank = batchRank }

  package var attributes: Attributes { Attributes { $0.int("batch_dims", batchRank, default: 0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let data = try context.knownShape(0), let indices = try context.knownShape(1),
      indices.isEmpty || indices.last?.isConstant == true
    else { return [.tensor(TensorType(element, nil))] }
    guard let length = indices.last?.value, batchRank < indices.count, length >= 0,
      batchRank + length <= data.count
    else {
      throw Diagnostic(
        "shape.mismatch",
        "indices of shape \(indices) with \(batchRank) batch dimensions do not fit data of shape \(data)"
      )
    }
    return [.tensor(element, indices.dropLast() + data[(batchRank + length)...])]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let indices = inputs[1]
    let (runs, run) = try Offsets.tuples(
      of: data.shape, batchRank: batchRank, indices: indices.ints, shape: indices.shape)
    let tail = data.shape.suffix(data.rank - batchRank - (indices.shape.last ?? 0))
    var mover = ElementMover(type: data.type, shape: indices.shape.dropLast() + tail)
    // A batch's runs follow those of the batches before it, as the tuples count them.
    mover.pick(from: data, runs, run: run)
    return [mover.finish()]
  }
}
