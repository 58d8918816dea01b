package import Diagnostics
package import IR
package import Tensors

/// `y = (round(min(max(x / scale + zeropt, low), high)) - zeropt) * scale`: numbers rounded to those that integers of so
/// many bits stand for, every step in single precision.
///
/// `low` and `high` are `-2^(b-1)` and `2^(b-1) - 1` where `signed`, `0` and `2^b - 1` where not; `narrow` adds one to a
/// negative `low` or takes one from an unsigned `high`. One bit with a sign is `1` where `x / scale + zeropt >= 0`, else `-1`.
///
/// - Inputs: `x`; `scale` and `zeropt`, f32, and `bitwidth`, of shapes that broadcast with `x`; bits may be fractions.
///   Output: `y`, f32, of the shape that all broadcast to.
/// - Attributes: `signed` (default 1), `narrow` (default 0), `rounding_mode` (default `ROUND`).
/// - Errors: `attribute.value`, `shape.broadcast`.
/// - Source: QONNX 1.0 IntQuant-1, also named Quant, in domains qonnx.custom_op.general, onnx.brevitas and
///   finn.custom_op.general.
package struct IntQuant: TensorOp, Elementwise {
  package static let domain = "qonnx.custom_op.general"
  package static let schema = OpSchema(
    "IntQuant", domain: domain, versions: [1],
    inputs: [
      .required("x", "T"), .required("scale", "T"), .required("zeropt", "T"),
      .required("bitwidth", "B"),
    ],
    outputs: [.required("y", "T")], types: ["T": [.f32], "B": [.f32, .i32, .i64]])

  package let range: BitRange
  package let mode: RoundingMode

  package init(range: BitRange = BitRange(), mode: RoundingMode = .round) {
    self.range = range
    self.mode = mode
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    range = try BitRange(&attributes)
    mode = try RoundingMode(&attributes, default: .round)
  }

  package var attributes: Attributes {
    Attributes {
      range.describe(in: &$0)
      $0.string("rounding_mode", mode.rawValue, default: RoundingMode.round.rawValue)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shape = try context.shape(0)
    for index in 1...3 { shape = try Broadcasting.shape(shape, try context.shape(index)) }
    return [.tensor(.f32, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let whole = try levels(inputs)
    return [try Mul().combine(try Sub().combine(whole, inputs[2]), inputs[1])]
  }

  /// The integers that numbers are rounded to, of type f32, before the zero point is taken off.
  package func levels(_ inputs: Operands) throws(Diagnostic) -> Tensor {
    let moved = try Add().combine(try Div().combine(inputs[0], inputs[1]), inputs[2])
    return try Broadcasting.zip(
      moved, inputs[3].converted(to: .f32), BitLevels(range: range, mode: mode, hasSign: true))
  }
}
