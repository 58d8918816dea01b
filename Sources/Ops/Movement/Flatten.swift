package import Diagnostics
package import IR
package import Tensors

/// The same elements as a matrix: dimensions before `axis` become rows, the others columns.
///
/// - Input: of any type and rank. Output: `[product(shape[..<axis]), product(shape[axis...])]`.
/// - Attribute: `axis` in `-rank...rank`, 1 by default.
/// - Errors: `attribute.axis`.
/// - Source: ONNX Flatten-25 (versions 1, 9, 11 with negative axes, 13, 21-25).
package struct Flatten: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Flatten", versions: [1, 9, 11, 13, 21, 23, 24, 25], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .all])

  package var axis: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 1)
  }

  package init(axis: Int = 1) { self.axis = axis }

  package var attributes: Attributes { Attributes { $0.int("axis", axis, default: 1) } }

  private func split(_ shape: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    let rank = shape.count
    guard axis >= -rank, axis <= rank else {
      throw Diagnostic(
        "attribute.axis", "axis is \(axis), expected one in \(-rank)...\(rank) for rank \(rank)")
    }
    let place = axis < 0 ? axis + rank : axis
    return [Array(shape[..<place]).product, Array(shape[place...]).product]
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let shape = try context.knownShape(0) else {
      return [.tensor(element, context.freshShape(rank: 2))]
    }
    return [.tensor(element, try split(shape))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.contents(0)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let shape = try split(inputs[0].shape.expressions)
    return [inputs[0].reshaped(to: shape.map(\.constant))]
  }
}
