package import Diagnostics
package import IR
package import Tensors

/// The older name of Resize: `asymmetric` coordinates, the nearest element rounded down.
///
/// - Inputs: `X`, `scales`. Output: `Y`. Importing replaces it by `Resize`.
/// - Errors: those of `Resize`.
/// - Source: ONNX Upsample-10 (versions 7, 9, 10), which deprecates it.
package struct Upsample: TensorOp {
  package static let schema = OpSchema(
    "Upsample", versions: [7, 9, 10], inputs: [.required("X", "T"), .required("scales", "F")],
    outputs: [.required("Y", "T")], types: ["T": .all, "F": [.f32]])

  package var mode: InterpolationMode

  package init(mode: InterpolationMode = .nearest) { self.mode = mode }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    mode = try attributes.choice("mode", default: .nearest)
  }

  package var attributes: Attributes {
    Attributes { $0.string("mode", mode.rawValue, default: "nearest") }
  }

  /// Version 7 has its scales in an attribute.
  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if case .floats(let scales)? = node.attributes["scales"] {
      node.attributes["scales"] = nil
      node.setInput(1, .constant(Tensor(scales.map { Float($0) }, shape: [scales.count])))
    }
    guard node.inputs.count == 2 else {
      throw Diagnostic("arity.inputs", "Upsample has \(node.inputs.count) inputs, expected 2")
    }
    if case .string("bilinear")? = node.attributes["mode"] {
      node.attributes["mode"] = .string("linear")
    }
    node.op = "Resize"
    node.inputs.insert(.none, at: 1)
    node.attributes["coordinate_transformation_mode"] = .string("asymmetric")
    node.attributes["nearest_mode"] = .string("floor")
  }

  private var resize: Resize {
    Resize(mode: mode, coordinates: .asymmetric, nearestMode: .floor)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shifted = InferenceContext(
      types: [context.types[0], nil, context.types[1]],
      constants: [nil, nil, context.constant(1)], contents: [], outputCount: 1,
      symbolPrefix: context.symbolPrefix)
    return try resize.infer(shifted)
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try resize.evaluate(Operands([inputs[0], nil, inputs[1]]))
  }
}
