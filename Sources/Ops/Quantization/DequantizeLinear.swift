package import Diagnostics
package import IR
package import Tensors

/// `y = (x - zero_point) * scale`: the difference exact, the product in single precision, rounded to the output's type.
///
/// - Inputs: `x`, quantized; `x_scale`, a scalar, a vector along an axis or one element per block; optional
///   `x_zero_point` of the type of `x` and the shape of the scale. Output: `y`, shape of `x`.
/// - Attributes: `axis` (default 1), `block_size` (default 0), `output_dtype` (default 0: the type of the scale).
/// - Errors: `attribute.axis`, `attribute.block-size`, `shape.scale`, `type.element`.
/// - Source: ONNX DequantizeLinear-25 (versions 10, 13, 19, 21, 23, 24, 25, 28).
package struct DequantizeLinear: TensorOp {
  package static let schema = OpSchema(
    "DequantizeLinear", versions: [10, 13, 19, 21, 23, 24, 25, 28],
    inputs: [
      .required("x", "T1"), .required("x_scale", "T2"), .optional("x_zero_point", "T1"),
    ],
    outputs: [.required("y", "T3")],
    types: [
      "T1": QuantizeLinear.targets.union([.i32]), "T2": [.f32, .f16, .bf16, .f8e8m0],
      "T3": [.f32, .f16, .bf16],
    ])

  package let grid: QuantizationGrid
  package let outputType: ElementType?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    grid = try QuantizationGrid(&attributes)
    outputType = try attributes.nonzeroElementType("output_dtype")
  }

  package init(grid: QuantizationGrid = QuantizationGrid(), outputType: ElementType? = nil) {
    self.grid = grid
    self.outputType = outputType
  }

  package var attributes: Attributes {
    Attributes {
      grid.describe(in: &$0)
      $0.int("output_dtype", outputType.map { Int($0.rawValue) })
    }
  }

  /// The type of the output for a type of the scale.
  ///
  /// - Throws: `type.element` when it is none that dequantized numbers have.
  private func element(_ scale: ElementType) throws(Diagnostic) -> ElementType {
    let found = outputType ?? scale
    guard found == .f32 || found == .f16 || found == .bf16 else {
      throw Diagnostic("type.element", "the output is \(found), expected f32, f16 or bf16")
    }
    return found
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    let scale = try context.tensorType(1)
    if let shape = type.shape, let scales = scale.shape {
      try grid.check(shape, scale: scales)
      if context.hasInput(2), let points = try context.tensorType(2).shape {
        try grid.check(shape, scale: points)
      }
    }
    return [.tensor(TensorType(try element(scale.element), type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let scale = inputs[1]
    let type = try element(scale.type)
    let (shape, scales) = try grid.align(scale.converted(to: .f32), with: x.shape)
    let centered = try center(x, inputs.optional(2), scale).reshaped(to: shape)
    let product = try Mul().combine(centered, scales)
    return [product.reshaped(to: x.shape).converted(to: type)]
  }

  /// `x - zero_point`, exact for every type but `i32`, which rounds once.
  private func center(
    _ x: Tensor, _ zeroPoint: Tensor?, _ scale: Tensor
  ) throws(Diagnostic) -> Tensor {
    guard let zeroPoint else { return x.converted(to: .f32) }
    guard zeroPoint.elementCount == scale.elementCount else {
      throw Diagnostic(
        "shape.scale",
        "zero point has \(zeroPoint.elementCount) elements, expected \(scale.elementCount)")
    }
    let wide: ElementType = x.type == .i32 ? .f64 : .f32
    let (shape, points) = try grid.align(zeroPoint.converted(to: wide), with: x.shape)
    let values = x.converted(to: wide).reshaped(to: shape)
    return try Sub().combine(values, points).converted(to: .f32)
  }
}
