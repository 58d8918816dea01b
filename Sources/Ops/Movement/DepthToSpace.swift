package import Diagnostics
package import IR
package import Tensors

/// Turns channels into blocks of pixels: `[N, C * b * b, H, W]` becomes `[N, C, H * b, W * b]`.
///
/// - Input and output: images of any type.
/// - Attributes: `blocksize` (b, required); `mode`: DCR (depth counts block row, block column, channel) or CRD.
/// - Errors: `attribute.value`, `shape.rank-mismatch`, `shape.block`.
/// - Source: ONNX DepthToSpace-13 (versions 1, 11 with `mode`, 13, 28).
package struct DepthToSpace: TensorOp {
  package static let schema = OpSchema(
    "DepthToSpace", versions: [1, 11, 13, 28], inputs: [.required("input", "T")],
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

  private func space(_ shape: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    try Ranks.require(4, shape)
    let side = IndexExpr(block)
    let channels = try BlockRearrangement.divide(shape[1], block * block, "depth")
    return [shape[0], channels, shape[2] * side, shape[3] * side]
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let shape = try context.knownShape(0) else {
      return [.tensor(element, context.freshShape(rank: 4))]
    }
    return [.tensor(element, try space(shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let shape = try space(inputs[0].shape.expressions).map(\.constant)
    return [mode.move(inputs[0], block: block, space: shape, toSpace: true)]
  }
}
