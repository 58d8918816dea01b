package import Diagnostics
package import IR
package import Tensors

/// Crops or pads axes to a shape, keeping the middle in the middle; of an odd difference the larger half is at the end.
///
/// - Inputs: `input_data` of any type; `shape`, the wanted dimensions of the axes. Output: `output_data`; what is padded
///   is zero.
/// - Attribute: `axes`, all by default.
/// - Errors: `attribute.axis`, `shape.center-crop-pad`, `shape.too-large`.
/// - Source: ONNX CenterCropPad-18.
package struct CenterCropPad: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "CenterCropPad", versions: [18],
    inputs: [.required("input_data", "T"), .required("shape", "Tind")],
    outputs: [.required("output_data", "T")], types: ["T": .all, "Tind": .indices])

  package var axes: [Int]?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axes = try attributes.ints("axes")
  }

  package init(axes: [Int]? = nil) { self.axes = axes }

  package var attributes: Attributes { Attributes { $0.ints("axes", axes) } }

  /// The output's shape; nil where a dimension is not known.
  private func shape(
    _ input: [IndexExpr], _ wanted: [IndexExpr]?
  ) throws(Diagnostic) -> [IndexExpr?] {
    let places = try Axes.list(axes ?? Array(input.indices), rank: input.count)
    if let wanted, wanted.count != places.count || wanted.contains(where: { ($0.value ?? 0) < 0 }) {
      throw Diagnostic(
        "shape.center-crop-pad",
        "shape is \(wanted), expected \(places.count) dimensions that are not negative")
    }
    var result: [IndexExpr?] = input
    for (index, place) in places.enumerated() {
      result[place] = wanted.flatMap { $0[index].isDimension ? $0[index] : nil }
    }
    return result
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    guard let own = input.shape else { return [.tensor(TensorType(input.element, nil))] }
    let dimensions = try shape(own, context.contents(1)).enumerated().map { axis, dimension in
      dimension ?? context.freshDimension(axis: axis)
    }
    return [.tensor(input.element, dimensions)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let input = inputs[0]
    let shape = try TensorRoom.checked(
      try shape(input.shape.expressions, inputs[1].ints.expressions).map { $0?.constant ?? 0 })
    let from = input.shape.rowMajorStrides
    let to = shape.rowMajorStrides
    var start = 0
    var target = 0
    var block: [Int] = []
    for axis in shape.indices {
      let difference = shape[axis] - input.shape[axis]
      if difference < 0 { start += -difference / 2 * from[axis] }
      if difference > 0 { target += difference / 2 * to[axis] }
      block.append(min(shape[axis], input.shape[axis]))
    }
    var mover = ElementMover(type: input.type, shape: shape)
    mover.move(from: input, at: start, strides: from, to: target, strides: to, shape: block)
    return [mover.finish()]
  }
}
