package import Diagnostics
package import IR
package import Tensors

/// Repeats a tensor along dimensions of 1 until it has the broadcast of its own and the wanted shape.
///
/// - Inputs: `input` of any type; `shape`, `i64` vector, where 1 keeps the input's dimension. Output: `output`.
/// - Errors: `shape.broadcast`, `shape.negative`, `shape.too-large`.
/// - Source: ONNX Expand-13 (versions 8, 13).
package struct Expand: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Expand", versions: [8, 13], inputs: [.required("input", "T"), .required("shape", "S")],
    outputs: [.required("output", "T")], types: ["T": .all, "S": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  private func shape(
    _ input: [IndexExpr], _ target: [IndexExpr]
  ) throws(Diagnostic) -> [IndexExpr] {
    if target.contains(where: { $0.value.map { $0 < 0 } ?? false }) {
      throw Diagnostic("shape.negative", "shape is \(target), expected no negative dimension")
    }
    return try Broadcasting.shape(input, target)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    guard let own = input.shape else { return [.tensor(TensorType(input.element, nil))] }
    guard let target = context.contents(1) else {
      guard let length = context.elementCount(1) else {
        return [.tensor(TensorType(input.element, nil))]
      }
      // Dimensions that are not 1 stay as they are or the model is wrong.
      let fresh = context.freshShape(rank: max(length, own.count))
      let missing = fresh.count - own.count
      let shape = fresh.indices.map { axis in
        guard axis >= missing, let value = own[axis - missing].value, value != 1 else {
          return fresh[axis]
        }
        return own[axis - missing]
      }
      return [.tensor(input.element, shape)]
    }
    let missing = max(own.count - target.count, 0)
    let dimensions = target.enumerated().map { axis, dimension in
      dimension.isConstant || dimension.isDimension
        ? dimension : context.freshDimension(axis: axis + missing)
    }
    return [.tensor(input.element, try shape(own, dimensions))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let input = inputs[0]
    let shape = try TensorRoom.checked(
      try shape(input.shape.expressions, inputs[1].ints.expressions).map(\.constant))
    var mover = ElementMover(type: input.type, shape: shape)
    mover.move(
      from: input, at: 0, strides: Broadcasting.strides(input.shape, along: shape), to: 0,
      strides: shape.rowMajorStrides, shape: shape)
    return [mover.finish()]
  }
}
