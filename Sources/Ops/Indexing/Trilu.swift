package import Diagnostics
package import IR
package import Tensors

/// The upper or lower triangle of matrices; the rest is zero.
///
/// - Inputs: `input` of any type and rank >= 2; `k`, an optional `i64` scalar: the diagonal that bounds the triangle, 0
///   the main one, positive above it. Output: `output`, same shape and type.
/// - Attribute: `upper`, true by default.
/// - Errors: `shape.rank-mismatch`.
/// - Source: ONNX Trilu-14.
package struct Trilu: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Trilu", versions: [14], inputs: [.required("input", "T"), .optional("k", "I")],
    outputs: [.required("output", "T")], types: ["T": .all, "I": .i64])

  package var upper: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    upper = try attributes.flag("upper", default: true)
  }

  package init(upper: Bool = true) { self.upper = upper }

  package var attributes: Attributes { Attributes { $0.flag("upper", upper, default: true) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    if let shape = input.shape { try Ranks.require(atLeast: 2, shape) }
    return [.tensor(input)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let input = inputs[0]
    try Ranks.require(atLeast: 2, input.shape.expressions)
    let diagonal = inputs.optional(1)?.ints.first ?? 0
    let (rows, columns) = (input.shape[input.rank - 2], input.shape[input.rank - 1])
    // Beyond the matrix every diagonal does the same.
    let bound = min(max(diagonal, -rows), columns)
    var positions: [Int] = []
    positions.reserveCapacity(input.elementCount)
    for index in 0..<input.elementCount {
      let distance = index % columns - index / columns % rows
      positions.append((upper ? distance >= bound : distance <= bound) ? index : -1)
    }
    var mover = ElementMover(type: input.type, shape: input.shape)
    mover.pick(from: input, positions)
    return [mover.finish()]
  }
}
