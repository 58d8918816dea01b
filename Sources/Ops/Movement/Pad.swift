package import Diagnostics
package import IR
package import Tensors

/// Adds elements before and after some axes, or takes them away where a pad is negative.
///
/// - Inputs: `data` of any type; `pads`, `i64[2 * axes]`: the begins, then the ends; `constant_value`, an optional
///   scalar (zero by default); `axes`, optional, all by default. Output: `output`.
/// - Attribute: `mode`: constant, reflect, edge or wrap.
/// - Errors: `attribute.axis`, `attribute.value`, `shape.pad`, `shape.too-large`.
/// - Source: ONNX Pad-25 (versions 1 and 2 with attributes, 11, 13, 18 with `axes`, 19 with wrap, 21-25).
package struct Pad: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Pad", versions: [1, 2, 11, 13, 18, 19, 21, 23, 24, 25],
    inputs: [
      .required("data", "T"), .required("pads", "P"), .optional("constant_value", "C"),
      .optional("axes", "Tind"),
    ],
    // The constant of an attribute of Pad-2 is f32 whatever the data is.
    outputs: [.required("output", "T")],
    types: ["T": .all, "P": .i64, "C": .all, "Tind": .indices])

  package let mode: PaddingMode

  /// Whether the border holds one value everywhere.
  package var padsWithConstant: Bool { mode == .constant }

  package init(mode: PaddingMode = .constant) { self.mode = mode }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    let name = try attributes.string("mode", default: "constant", oneOf: PaddingMode.names)
    mode = PaddingMode(rawValue: name) ?? .constant
  }

  package var attributes: Attributes {
    Attributes { $0.string("mode", mode.rawValue, default: "constant") }
  }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 11 else { return }
    node.moveIntsToInput("paddings", 1)
    node.moveIntsToInput("pads", 1)
    guard case .float(let value)? = node.attributes["value"] else { return }
    node.attributes["value"] = nil
    if value != 0 { node.setInput(2, .constant(Tensor(scalar: Float(value)))) }
  }

  /// The pads of every axis of an input of `rank` dimensions.
  package func pads(
    rank: Int, _ pads: [IndexExpr], _ axes: [Int]?
  ) throws(Diagnostic) -> [(begin: IndexExpr, end: IndexExpr)] {
    let axes = try Axes.list(axes ?? Array(0..<rank), rank: rank)
    guard pads.count == 2 * axes.count else {
      throw Diagnostic(
        "shape.pad", "there are \(pads.count) pads, expected \(2 * axes.count), two for each axis")
    }
    var result = Array(repeating: (begin: IndexExpr(0), end: IndexExpr(0)), count: rank)
    for (place, axis) in axes.enumerated() {
      result[axis] = (pads[place], pads[axes.count + place])
    }
    return result
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let data = try context.tensorType(0)
    guard let shape = data.shape else { return [.tensor(TensorType(data.element, nil))] }
    let axes = context.integers(3)
    guard let known = context.contents(1), !context.hasInput(3) || axes != nil else {
      let padded = try axes.map { axes throws(Diagnostic) in
        try Axes.list(axes, rank: shape.count)
      }
      let result = shape.indices.map { axis in
        padded.map { $0.contains(axis) } ?? true ? context.freshDimension(axis: axis) : shape[axis]
      }
      return [.tensor(data.element, result)]
    }
    let pads = try pads(rank: shape.count, known, axes)
    var result: [IndexExpr] = []
    for axis in shape.indices {
      let dimension = shape[axis] + pads[axis].begin + pads[axis].end
      if let value = dimension.value, value < 0 {
        throw Diagnostic(
          "shape.pad",
          "pads \(pads[axis]) leave \(value) of \(shape[axis]) elements of axis \(axis)")
      }
      result.append(dimension.isDimension ? dimension : context.freshDimension(axis: axis))
    }
    return [.tensor(data.element, result)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0, 2])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let pads = try pads(
      rank: data.rank, inputs[1].ints.expressions, inputs.optional(3)?.ints)
    let most = TensorRoom.mostElements + 1
    let ends = pads.map { pad in
      [pad.begin, pad.end].map { min(max($0.constant, -most), most) }
    }
    let shape = try TensorRoom.checked(
      zip(data.shape, ends).map { max($0 + $1[0] + $1[1], 0) })
    var maps: [[Int]] = []
    for (count, pads) in zip(data.shape, ends) {
      maps.append(try mode.sources(count: count, begin: pads[0], end: pads[1]))
    }
    var mover = ElementMover(type: data.type, shape: shape)
    if mode == .constant, let value = inputs.optional(2), value.elementCount == 1 {
      mover.fill(with: value.converted(to: data.type))
    }
    // Trailing axes that stay as they are move in runs.
    var outer = data.rank
    while outer > 0, maps[outer - 1] == Array(0..<data.shape[outer - 1]) { outer -= 1 }
    let strides = data.shape.prefix(outer).map { $0 }.rowMajorStrides
    let run = data.shape.suffix(data.rank - outer).reduce(1, *)
    mover.pick(from: data, Offsets.mapped(Array(maps[..<outer]), strides: strides), run: run)
    return [mover.finish()]
  }
}
