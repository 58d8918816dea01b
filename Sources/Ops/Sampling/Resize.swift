package import Diagnostics
package import IR
package import Tensors

/// Resizes a tensor by sampling it at other places: nearest, linear or cubic along every axis.
///
/// - Inputs: `X` of any type, optional `roi` (starts, then ends, in fractions; for `tf_crop_and_resize`), and `scales` or
///   `sizes`, one per axis or per element of `axes`. Output: `Y`, `floor(dimension * scale)` or the given sizes.
/// - Errors: `attribute.value`, `attribute.axis`, `shape.resize`, `shape.too-large`; non-numbers can only be resized by `nearest`.
/// - Source: ONNX Resize-19 (versions 10, 11, 13, 18, 19); version 10 is `asymmetric` with `floor`.
package struct Resize: TensorOp {
  package static let schema = OpSchema(
    "Resize", versions: [10, 11, 13, 18, 19],
    inputs: [
      .required("X", "T1"), .optional("roi", "T2"), .optional("scales", "F"),
      .optional("sizes", "I"),
    ],
    outputs: [.required("Y", "T1")],
    types: ["T1": .all, "T2": .floats, "F": [.f32], "I": .i64])

  package var mode: InterpolationMode
  package var coordinates: CoordinateTransformation
  package var nearestMode: NearestMode
  package var cubicCoefficient: Double
  package var antialias: Bool
  package var excludeOutside: Bool
  package var extrapolationValue: Double
  package var axes: [Int]?
  package var policy: AspectRatioPolicy

  package init(
    mode: InterpolationMode = .nearest, coordinates: CoordinateTransformation = .halfPixel,
    nearestMode: NearestMode = .roundPreferFloor, cubicCoefficient: Double = -0.75,
    antialias: Bool = false, excludeOutside: Bool = false, extrapolationValue: Double = 0,
    axes: [Int]? = nil, policy: AspectRatioPolicy = .stretch
  ) {
    self.mode = mode
    self.coordinates = coordinates
    self.nearestMode = nearestMode
    self.cubicCoefficient = cubicCoefficient
    self.antialias = antialias
    self.excludeOutside = excludeOutside
    self.extrapolationValue = extrapolationValue
    self.axes = axes
    self.policy = policy
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    mode = try attributes.choice("mode", default: .nearest)
    coordinates = try attributes.choice("coordinate_transformation_mode", default: .halfPixel)
    nearestMode = try attributes.choice("nearest_mode", default: .roundPreferFloor)
    cubicCoefficient = try attributes.float("cubic_coeff_a", default: -0.75)
    antialias = try attributes.flag("antialias")
    excludeOutside = try attributes.flag("exclude_outside")
    extrapolationValue = try attributes.float("extrapolation_value", default: 0)
    axes = try attributes.ints("axes")
    policy = try attributes.choice("keep_aspect_ratio_policy", default: .stretch)
  }

  package var attributes: Attributes {
    Attributes {
      $0.string("mode", mode.rawValue, default: "nearest")
      $0.string(
        "coordinate_transformation_mode", coordinates.rawValue, default: "half_pixel")
      $0.string("nearest_mode", nearestMode.rawValue, default: "round_prefer_floor")
      $0.float("cubic_coeff_a", cubicCoefficient, default: -0.75)
      $0.flag("antialias", antialias)
      $0.flag("exclude_outside", excludeOutside)
      $0.float("extrapolation_value", extrapolationValue, default: 0)
      $0.ints("axes", axes)
      $0.string("keep_aspect_ratio_policy", policy.rawValue, default: "stretch")
    }
  }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 11 else { return }
    if node.inputs.count == 2 { node.inputs.insert(.none, at: 1) }
    node.attributes["coordinate_transformation_mode"] = .string("asymmetric")
    node.attributes["nearest_mode"] = .string("floor")
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    return [.tensor(try context.element(0), try outputShape(x, context))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let plan = try plan(
      x.shape, region: inputs.optional(1)?.doubles, scales: inputs.optional(2)?.doubles,
      sizes: inputs.optional(3)?.integers)
    let shape = plan.map(\.output)
    let isEmpty = x.elementCount == 0 && shape.elementCount > 0
    guard !isEmpty else {
      throw Diagnostic("shape.resize", "cannot resize the empty input \(x.shape) to \(shape)")
    }
    if mode == .nearest { return [pickNearest(x, plan)] }
    guard x.type.isFloat || x.type.isInteger || x.type == .bool else {
      throw .unsupported("type.resize", "\(x.type) can only be resized by 'nearest'")
    }
    let y = interpolate(x, plan)
    guard !x.type.isFloat else { return [Tensor(doubles: y, shape: shape, type: x.type)] }
    return [Tensor(saturating: y, shape: shape, type: x.type)]
  }
}
