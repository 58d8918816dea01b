package import Diagnostics
package import IR
package import Tensors

/// Inserts dimensions of 1.
///
/// - Inputs: `data` of any type; `axes`, `i64` vector of positions in the output's shape. Output: `expanded`.
/// - Errors: `attribute.axis` when an axis is outside the output's rank or occurs twice.
/// - Source: ONNX Unsqueeze-25 (versions 1 and 11 with an attribute, 13, 21-25).
package struct Unsqueeze: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Unsqueeze", versions: [1, 11, 13, 21, 23, 24, 25],
    inputs: [.required("data", "T"), .required("axes", "A")],
    outputs: [.required("expanded", "T")], types: ["T": .all, "A": .i64])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if node.opset < 13 { node.moveIntsToInput("axes", 1) }
  }

  private func expand(_ shape: [IndexExpr], _ axes: [Int]) throws(Diagnostic) -> [IndexExpr] {
    let rank = shape.count + axes.count
    var result = shape
    for axis in try Axes.list(axes, rank: rank).sorted() { result.insert(1, at: axis) }
    return result
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let shape = try context.knownShape(0) else { return [.tensor(TensorType(element, nil))] }
    if let axes = context.integers(1) { return [.tensor(element, try expand(shape, axes))] }
    guard let added = context.elementCount(1) else { return [.tensor(TensorType(element, nil))] }
    return [.tensor(element, context.freshShape(rank: shape.count + added))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.contents(0)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let shape = try expand(inputs[0].shape.expressions, inputs[1].ints)
    return [inputs[0].reshaped(to: shape.map(\.constant))]
  }
}
