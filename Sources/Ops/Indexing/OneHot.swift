package import Diagnostics
package import IR
package import Tensors

/// A new axis on which the element that an index names is on and all others are off.
///
/// - Inputs: `indices` of a numeric type in `-depth..<depth`, others leave all off; `depth`, a scalar or vector of one
///   element; `values`, the off and the on value of any type. Output: `output`, rank one more than that of `indices`.
/// - Attribute: `axis`, where the new axis stands in the output; last by default.
/// - Errors: `attribute.axis`, `shape.one-hot`, `shape.too-large`.
/// - Source: ONNX OneHot-11 (versions 9, 11 with negative indices, 28).
package struct OneHot: TensorOp {
  package static let schema = OpSchema(
    "OneHot", versions: [9, 11, 28],
    inputs: [.required("indices", "T1"), .required("depth", "T2"), .required("values", "T3")],
    outputs: [.required("output", "T3")], types: ["T1": .numeric, "T2": .numeric, "T3": .all])

  package var axis: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: -1)
  }

  package init(axis: Int = -1) { self.axis = axis }

  package var attributes: Attributes { Attributes { $0.int("axis", axis, default: -1) } }

  private static func depth(_ tensor: Tensor) throws(Diagnostic) -> Int {
    let depth = tensor.converted(to: .i64).ints.first ?? -1
    guard depth >= 0 else {
      throw Diagnostic("shape.one-hot", "depth is \(depth), expected a number that is not negative")
    }
    return depth
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(2)
    guard var shape = try context.knownShape(0) else { return [.tensor(TensorType(element, nil))] }
    let place = try Axes.one(axis, rank: shape.count + 1)
    var depth = context.freshDimension(axis: place)
    if let constant = context.constant(1) {
      depth = IndexExpr(try Self.depth(constant))
    } else if let known = context.contents(1)?.first, known.isDimension {
      depth = known
    }
    shape.insert(depth, at: place)
    return [.tensor(element, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let depth = try Self.depth(inputs[1])
    let place = try Axes.one(axis, rank: inputs[0].rank + 1)
    guard inputs[2].elementCount == 2 else {
      throw Diagnostic(
        "shape.one-hot", "values have shape \(inputs[2].shape), expected off and on")
    }
    var shape = inputs[0].shape
    shape.insert(depth, at: place)
    let count = try TensorRoom.checked(shape).elementCount
    let inner = shape[(place + 1)...].reduce(1, *)
    var picks = Array(repeating: 0, count: count)
    for (position, index) in inputs[0].converted(to: .i64).ints.enumerated() {
      guard index >= -depth, index < depth else { continue }
      let hot = index < 0 ? index + depth : index
      picks[(position / inner * depth + hot) * inner + position % inner] = 1
    }
    var mover = ElementMover(type: inputs[2].type, shape: shape)
    mover.pick(from: inputs[2], picks)
    return [mover.finish()]
  }
}
