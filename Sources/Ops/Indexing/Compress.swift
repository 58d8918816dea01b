package import Diagnostics
package import IR
package import Tensors

/// The slices along an axis, or single elements without one, for which a condition holds.
///
/// - Inputs: `input` of any type; `condition`, a `bool` vector that may be shorter than the axis. Output: `output`; how
///   many it has is known when the condition is.
/// - Attribute: `axis`; without it the input counts as a vector.
/// - Errors: `attribute.axis`; `index.out-of-range` when a true condition lies beyond the axis.
/// - Source: ONNX Compress-11 (versions 9, 11 with negative axes, 28).
package struct Compress: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Compress", versions: [9, 11, 28],
    inputs: [.required("input", "T"), .required("condition", "T1")],
    outputs: [.required("output", "T")], types: ["T": .all, "T1": .bool])

  package var axis: Int?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.optionalInt("axis")
  }

  package init(axis: Int? = nil) { self.axis = axis }

  package var attributes: Attributes { Attributes { $0.int("axis", axis) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    let kept = context.constant(1)?.integers.map { IndexExpr($0.reduce(0, +)) }
    guard let axis else {
      return [.tensor(element, [kept ?? context.freshDimension(axis: 0)])]
    }
    guard var shape = try context.knownShape(0) else { return [.tensor(TensorType(element, nil))] }
    let place = try Axes.one(axis, rank: shape.count)
    shape[place] = kept ?? context.freshDimension(axis: place)
    return [.tensor(element, shape)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let flat = [inputs[0].elementCount]
    let input = axis == nil ? inputs[0].reshaped(to: flat) : inputs[0]
    let place = try Axes.one(axis ?? 0, rank: input.rank)
    let condition = inputs[1].ints
    let kept = try Indices.normalized(
      condition.indices.filter { condition[$0] != 0 }, count: input.shape[place])
    var maps = input.shape[...place].map { Array(0..<$0) }
    maps[place] = kept
    var shape = input.shape
    shape[place] = kept.count
    let strides = Array(input.shape[...place]).rowMajorStrides
    var mover = ElementMover(type: input.type, shape: shape)
    mover.pick(
      from: input, Offsets.mapped(maps, strides: strides),
      run: input.shape[(place + 1)...].reduce(1, *))
    return [mover.finish()]
  }
}
