package import Diagnostics
package import IR
package import Tensors

/// Takes every `step`th element from `start` to before `end` along some axes.
///
/// - Inputs: `data` of any type; `starts`, `ends`, and optional `axes` (all by default) and `steps` (1 by default),
///   integer vectors of one length. Negative positions count from the back; positions are clamped to the
///   dimension. Output: `output`.
/// - Errors: `shape.slice`, `attribute.axis`.
/// - Source: ONNX Slice-13 (versions 1 with attributes, 10 with inputs and steps, 11, 13).
package struct Slice: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Slice", versions: [1, 10, 11, 13],
    inputs: [
      .required("data", "T"), .required("starts", "Tind"), .required("ends", "Tind"),
      .optional("axes", "Tind"), .optional("steps", "Tind"),
    ],
    outputs: [.required("output", "T")], types: ["T": .all, "Tind": .indices])

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package init() {}

  package var attributes: Attributes { Attributes() }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 10 else { return }
    node.moveIntsToInput("starts", 1)
    node.moveIntsToInput("ends", 2)
    node.moveIntsToInput("axes", 3)
  }

  /// One range for each axis; nil for an axis whose range is not known, and for axes that stay whole.
  package func ranges(
    _ shape: [IndexExpr], starts: [IndexExpr], ends: [IndexExpr], axes: [Int]?, steps: [Int]?
  ) throws(Diagnostic) -> [Int: SliceRange?] {
    let axes = try Axes.list(axes ?? Array(starts.indices), rank: shape.count)
    let steps = steps ?? Array(repeating: 1, count: starts.count)
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count else {
      throw Diagnostic(
        "shape.slice",
        "\(starts.count) starts, \(ends.count) ends, \(axes.count) axes and \(steps.count) steps, "
          + "expected as many of each")
    }
    var result: [Int: SliceRange?] = [:]
    for (index, axis) in axes.enumerated() {
      guard steps[index] != 0 else {
        throw Diagnostic("shape.slice", "the step of axis \(axis) is 0, expected another number")
      }
      result[axis] = .some(
        SliceRange(
          start: starts[index], end: ends[index], step: steps[index], dimension: shape[axis]))
    }
    return result
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let data = try context.tensorType(0)
    guard let shape = data.shape else { return [.tensor(TensorType(data.element, nil))] }
    let axes = context.integers(3)
    let fresh = context.freshShape(rank: shape.count)
    if context.hasInput(3), axes == nil { return [.tensor(data.element, fresh)] }
    guard let starts = context.contents(1), let ends = context.contents(2),
      !context.hasInput(4) || context.integers(4) != nil
    else {
      guard let count = axes?.count ?? context.elementCount(1), count <= shape.count else {
        return [.tensor(data.element, fresh)]
      }
      let cut = try Axes.list(axes ?? Array(0..<count), rank: shape.count)
      return [.tensor(data.element, shape.indices.map { cut.contains($0) ? fresh[$0] : shape[$0] })]
    }
    let ranges = try ranges(
      shape, starts: starts, ends: ends, axes: axes, steps: context.integers(4))
    let result = shape.indices.map { axis in
      guard let range = ranges[axis] else { return shape[axis] }
      guard let count = range?.count, count.isDimension else { return fresh[axis] }
      return count
    }
    return [.tensor(data.element, result)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let ranges = try ranges(
      data.shape.expressions, starts: inputs[1].ints.expressions, ends: inputs[2].ints.expressions,
      axes: inputs.optional(3)?.ints, steps: inputs.optional(4)?.ints)
    var strides = data.shape.rowMajorStrides
    var shape = data.shape
    var start = 0
    for case (let axis, let range?) in ranges {
      start += range.start.constant * strides[axis]
      strides[axis] *= range.step
      shape[axis] = range.count.constant
    }
    var mover = ElementMover(type: data.type, shape: shape)
    mover.move(
      from: data, at: start, strides: strides, to: 0, strides: shape.rowMajorStrides, shape: shape)
    return [mover.finish()]
  }
}
