package import Diagnostics
package import IR
package import Tensors

/// Repeats a tensor as a whole along every axis.
///
/// - Inputs: `input` of any type; `repeats`, `i64[rank]`. Output: `output`, dimensions `input.shape[i] * repeats[i]`.
/// - Errors: `shape.tile` when there are not as many repeats as axes, or one is negative; `shape.too-large`.
/// - Source: ONNX Tile-13 (versions 6, 13).
package struct Tile: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Tile", versions: [6, 13], inputs: [.required("input", "T"), .required("repeats", "T1")],
    outputs: [.required("output", "T")], types: ["T": .all, "T1": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  private func shape(
    _ input: [IndexExpr], _ repeats: [IndexExpr]
  ) throws(Diagnostic) -> [IndexExpr] {
    guard repeats.count == input.count,
      !repeats.contains(where: { $0.value.map { $0 < 0 } ?? false })
    else {
      throw Diagnostic(
        "shape.tile",
        "repeats are \(repeats), expected one that is not negative per axis of \(input)")
    }
    return zip(input, repeats).map { $0 * $1 }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    guard let own = input.shape else {
      guard let rank = context.elementCount(1) else {
        return [.tensor(TensorType(input.element, nil))]
      }
      return [.tensor(input.element, context.freshShape(rank: rank))]
    }
    guard let repeats = context.contents(1) else {
      return [.tensor(input.element, context.freshShape(rank: own.count))]
    }
    let dimensions = try shape(own, repeats).enumerated().map { axis, dimension in
      dimension.isDimension ? dimension : context.freshDimension(axis: axis)
    }
    return [.tensor(input.element, dimensions)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let input = inputs[0]
    let repeats = inputs[1].ints
    let shape = try TensorRoom.checked(
      try shape(input.shape.expressions, repeats.expressions).map(\.constant))
    // Each axis is walked as repetitions of the whole input axis.
    let own = input.shape.rowMajorStrides
    let target = shape.rowMajorStrides
    var block: [Int] = []
    var from: [Int] = []
    var to: [Int] = []
    for axis in input.shape.indices {
      block += [repeats[axis], input.shape[axis]]
      from += [0, own[axis]]
      to += [input.shape[axis] * target[axis], target[axis]]
    }
    var mover = ElementMover(type: input.type, shape: shape)
    mover.move(from: input, at: 0, strides: from, to: 0, strides: to, shape: block)
    return [mover.finish()]
  }
}
