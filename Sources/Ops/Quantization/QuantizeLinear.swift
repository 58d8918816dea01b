package import Diagnostics
package import IR
package import Tensors

/// `y = saturate(round_half_even(x / scale) + zero_point)`.
///
/// The quotient is rounded once, to the precision of the scale, before it is rounded to an integer. 8-bit and 4-bit
/// floats take the nearest value of `x / scale` instead, halves to even.
///
/// - Inputs: `x`; `y_scale`, a scalar, a vector along an axis or one element per block; optional `y_zero_point` of the
///   scale's shape, whose type is that of the output. Output: `y`, shape of `x`.
/// - Attributes: `axis` (default 1), `block_size` (default 0), `output_dtype` and `precision` (default 0: not given),
///   `saturate` (default 1, for 8-bit floats).
/// - Errors: `attribute.axis`, `attribute.block-size`, `shape.scale`, `type.mismatch`, `type.element`.
/// - Source: ONNX QuantizeLinear-25 (versions 10, 13, 19, 21, 23, 24, 25, 28); Jacob et al. 2018, arXiv:1712.05877.
package struct QuantizeLinear: TensorOp {
  package static let targets: TypeSet = [
    .i8, .u8, .i16, .u16, .i4, .u4, .i2, .u2, .f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz, .f4e2m1,
  ]

  package static let schema = OpSchema(
    "QuantizeLinear", versions: [10, 13, 19, 21, 23, 24, 25, 28],
    inputs: [
      .required("x", "T1"), .required("y_scale", "T2"), .optional("y_zero_point", "T3"),
    ],
    outputs: [.required("y", "T3")],
    types: [
      "T1": [.f32, .f16, .bf16, .i32], "T2": [.f32, .f16, .bf16, .i32, .f8e8m0], "T3": targets,
    ])

  package let grid: QuantizationGrid
  package let outputType: ElementType?
  package let precision: ElementType?
  package let saturates: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    grid = try QuantizationGrid(&attributes)
    outputType = try attributes.nonzeroElementType("output_dtype")
    precision = try attributes.nonzeroElementType("precision")
    saturates = try attributes.flag("saturate", default: true)
  }

  package init(
    grid: QuantizationGrid = QuantizationGrid(), outputType: ElementType? = nil,
    precision: ElementType? = nil, saturates: Bool = true
  ) {
    self.grid = grid
    self.outputType = outputType
    self.precision = precision
    self.saturates = saturates
  }

  package var attributes: Attributes {
    Attributes {
      grid.describe(in: &$0)
      $0.int("output_dtype", outputType.map { Int($0.rawValue) })
      $0.int("precision", precision.map { Int($0.rawValue) })
      $0.flag("saturate", saturates, default: true)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    let zeroPoint = context.hasInput(2) ? try context.tensorType(2) : nil
    let element = zeroPoint?.element ?? outputType ?? .u8
    if let outputType, outputType != element {
      throw Diagnostic(
        "type.mismatch", "zero point is \(element), but output_dtype is \(outputType)")
    }
    if let precision, ![.f32, .f16, .bf16].contains(precision) {
      throw Diagnostic("type.element", "precision is \(precision), expected f32, f16 or bf16")
    }
    guard Self.targets.contains(element) else {
      throw Diagnostic("type.element", "output_dtype is \(element), expected a quantized type")
    }
    if let shape = type.shape, let scale = try context.tensorType(1).shape {
      try grid.check(shape, scale: scale)
      if let points = zeroPoint?.shape { try grid.check(shape, scale: points) }
    }
    return [.tensor(TensorType(element, type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let scale = inputs[1]
    let zeroPoint = inputs.optional(2)
    let target = zeroPoint?.type ?? outputType ?? .u8
    if let zeroPoint, zeroPoint.shape.elementCount != scale.elementCount {
      throw Diagnostic(
        "shape.scale",
        "zero point has \(zeroPoint.elementCount) elements, expected \(scale.elementCount)")
    }
    let divisor = precision ?? (scale.type.isSmallFloat || !scale.type.isFloat ? .f32 : scale.type)
    let (shape, scales) = try grid.align(scale.converted(to: divisor), with: x.shape)
    let dividend = x.converted(to: divisor).reshaped(to: shape)
    let quotients = try Div().combine(dividend, scales).converted(to: .f32)
    let points = try grid.align(
      zeroPoint ?? Tensor(zeros: scale.shape, type: target), with: x.shape
    ).parameter
    return [try quantize(quotients, points, target).reshaped(to: x.shape)]
  }

  private func quantize(
    _ quotients: Tensor, _ points: Tensor, _ target: ElementType
  ) throws(Diagnostic) -> Tensor {
    if target.isSmallFloat {
      let shifted = try Add().combine(quotients, points.converted(to: .f32))
      return Tensor(
        smallFloats: shifted.doubles, shape: shifted.shape, type: target, saturating: saturates)
    }
    return try Broadcasting.zip(
      quotients, points.converted(to: .i32), Quantized(range: target.integerRange)
    ).converted(to: target)
  }
}

/// A quotient rounded, shifted by its zero point and saturated.
private struct Quantized: PairFunction {
  let range: ClosedRange<Int>

  func callAsFunction(_ quotient: Float, _ zeroPoint: Int32) -> Int32 {
    Int32(truncatingIfNeeded: Rounding.quantize(Double(quotient), Int(zeroPoint), range))
  }
}

extension QuantizationGrid {
  /// Reads `axis` and `block_size`.
  init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 1)
    blockSize = try attributes.int("block_size", default: 0)
    guard blockSize >= 0 else {
      throw Diagnostic(
        "attribute.block-size", "attribute 'block_size' is \(blockSize), expected at least 0")
    }
  }

  /// Writes the attributes that differ from their defaults.
  func describe(in attributes: inout Attributes) {
    attributes.int("axis", axis, default: 1)
    attributes.int("block_size", blockSize, default: 0)
  }
}

extension AttributeReader {
  /// The element type that an attribute names; nil where it is missing or 0.
  mutating func nonzeroElementType(_ name: String) throws(Diagnostic) -> ElementType? {
    if try optionalInt(name) ?? 0 == 0 { return nil }
    return try elementType(name)
  }
}
