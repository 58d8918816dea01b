package import Diagnostics
package import IR
package import Tensors

/// Turns blocks of pixels into channels: `[N, C, H * b, W * b]` becomes `[N, C * b * b, H, W]`.
///
/// - Input and output: images of any type.
/// - Attributes: `blocksize` (b, required); `mode`: DCR (depth counts block row, block column, channel) or CRD.
/// - Errors: `attribute.value`, `shape.rank-mismatch`, `shape.block`.
/// - Source: ONNX SpaceToDepth-28 (versions 1, 13, 28 with `mode`).
package struct SpaceToDepth: TensorOp {
  package static let schema = OpSchema(
    "SpaceToDepth", versions: [1, 13, 28], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .all])

  package var block: Int
  package let mode: BlockRearrangement

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    (block, mode) = try BlockRearrangement.attributes(&attributes)
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("blocksize", block)
      $0.string("mode", mode.rawValue, default: "DCR")
    }
  }

  private func depth(_ shape: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    try Ranks.require(4, shape)
    return [
      shape[0], shape[1] * IndexExpr(block * block),
      try BlockRearrangement.divide(shape[2], block, "height"),
      try BlockRearrangement.divide(shape[3], block, "width"),
    ]
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let shape = try context.knownShape(0) else {
      return [.tensor(element, context.freshShape(rank: 4))]
    }
    return [.tensor(element, try depth(shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    _ = try depth(inputs[0].shape.expressions)
    return [mode.move(inputs[0], block: block, space: inputs[0].shape, toSpace: false)]
  }
}
