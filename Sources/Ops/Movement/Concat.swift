package import Diagnostics
package import IR
package import Tensors

/// Joins tensors along one axis; all other dimensions are equal.
///
/// - Inputs: any number, at least one, of one type and rank. Output: `concat_result`.
/// - Attribute: `axis` (required).
/// - Errors: `attribute.axis`, `shape.rank-mismatch`, `shape.mismatch`.
/// - Source: ONNX Concat-13 (versions 1 with axis 1 by default, 4, 11 with negative axes, 13).
package struct Concat: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Concat", versions: [1, 4, 11, 13], inputs: [.variadic("inputs", "T")],
    outputs: [.required("concat_result", "T")], types: ["T": .all])

  package var axis: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.requiredInt("axis")
  }

  package init(axis: Int) { self.axis = axis }

  package var attributes: Attributes { Attributes { $0.int("axis", axis) } }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if node.opset < 4, node.attributes["axis"] == nil { node.attributes["axis"] = .int(1) }
  }

  private func shape(_ shapes: [[IndexExpr]]) throws(Diagnostic) -> [IndexExpr] {
    guard var result = shapes.first else { return [] }
    let place = try Axes.one(axis, rank: result.count)
    for (index, shape) in shapes.enumerated().dropFirst() {
      guard shape.count == result.count else {
        throw Diagnostic(
          "shape.rank-mismatch",
          "input \(index) has shape \(shape), expected rank \(result.count) as input 0")
      }
      for dimension in shape.indices {
        if dimension == place {
          result[dimension] += shape[dimension]
        } else {
          result[dimension] = try .unify(
            result[dimension], shape[dimension], "dimension \(dimension) of inputs 0 and \(index)")
        }
      }
    }
    return result
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    var shapes: [[IndexExpr]] = []
    var unknown = false
    for index in 0..<context.inputCount {
      if let shape = try context.knownShape(index) { shapes.append(shape) } else { unknown = true }
    }
    if unknown {
      guard let rank = shapes.first?.count else { return [.tensor(TensorType(element, nil))] }
      return [.tensor(element, context.freshShape(rank: rank))]
    }
    return [.tensor(element, try shape(shapes))]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: Set(0..<context.inputCount), naming: true)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let parts = inputs.variadic()
    let shape = try shape(parts.map { $0.shape.expressions }).map(\.constant)
    let place = try Axes.one(axis, rank: shape.count)
    let inner = shape[(place + 1)...].reduce(1, *)
    let outer = shape[..<place].reduce(1, *)
    var mover = ElementMover(type: parts[0].type, shape: shape)
    var offset = 0
    for part in parts {
      let row = part.shape[place] * inner
      mover.move(
        from: part, at: 0, strides: [row, 1], to: offset, strides: [shape[place] * inner, 1],
        shape: [outer, row])
      offset += row
    }
    return [mover.finish()]
  }
}
