package import Diagnostics
package import IR
package import Tensors

/// Removes dimensions of 1.
///
/// - Inputs: `data` of any type; `axes`, optional `i64` vector: all dimensions of 1 when left out. Output: `squeezed`.
/// - Errors: `attribute.axis`, `shape.squeeze` when a named dimension is another number.
/// - Source: ONNX Squeeze-25 (versions 1 and 11 with an attribute, 13, 21-25).
package struct Squeeze: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Squeeze", versions: [1, 11, 13, 21, 23, 24, 25],
    inputs: [.required("data", "T"), .optional("axes", "A")],
    outputs: [.required("squeezed", "T")], types: ["T": .all, "A": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if node.opset < 13 { node.moveIntsToInput("axes", 1) }
  }

  private func squeeze(_ shape: [IndexExpr], _ axes: [Int]?) throws(Diagnostic) -> [IndexExpr] {
    guard let axes else { return shape.filter { $0 != 1 } }
    let removed = try Axes.list(axes, rank: shape.count)
    for axis in removed {
      if let value = shape[axis].value, value != 1 {
        throw Diagnostic(
          "shape.squeeze", "dimension \(axis) of \(shape) is \(value), expected 1 to squeeze it")
      }
    }
    return shape.indices.filter { !removed.contains($0) }.map { shape[$0] }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let shape = try context.knownShape(0) else { return [.tensor(TensorType(element, nil))] }
    guard context.hasInput(1) else { return [.tensor(element, try squeeze(shape, nil))] }
    if let axes = context.integers(1) { return [.tensor(element, try squeeze(shape, axes))] }
    guard let removed = context.elementCount(1), removed <= shape.count else {
      return [.tensor(TensorType(element, nil))]
    }
    return [.tensor(element, context.freshShape(rank: shape.count - removed))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.contents(0)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let axes = inputs.optional(1)?.ints
    let shape = try squeeze(inputs[0].shape.expressions, axes)
    return [inputs[0].reshaped(to: shape.map(\.constant))]
  }
}
