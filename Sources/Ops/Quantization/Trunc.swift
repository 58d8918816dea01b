package import Diagnostics
import Glibc
package import IR
package import Tensors

/// The integers that numbers stand for, with their lowest bits cut off, every step in single precision.
///
/// Version 1, five inputs: `y = (cut(q / 2^(in_bitwidth - out_bitwidth)) - zeropt) * scale`, where
/// `q = round_half_even(x / scale + zeropt)`. Version 2, six inputs: with `p = 2^round(log2(out_scale / scale))`,
/// `y = (cut(min(max(q / p, low), high)) - zeropt / p) * out_scale`, the bounds those of `out_bitwidth` as in IntQuant.
///
/// - Inputs: `x`, `scale`, `zeropt`, `in_bitwidth`, `out_scale` (version 2 alone), `out_bitwidth`; all broadcast with `x`.
///   Output: `y`, f32, of the shape that all broadcast to.
/// - Attributes: `rounding_mode` (default `FLOOR`), `signed` (default 1), `narrow` (default 0).
/// - Errors: `attribute.value`, `shape.broadcast`.
/// - Source: QONNX 1.0 Trunc-2 (versions 1, 2); the number of inputs tells them apart.
package struct Trunc: TensorOp, Elementwise {
  package static let schema = OpSchema(
    "Trunc", domain: IntQuant.domain, versions: [1, 2],
    inputs: [
      .required("x", "T"), .required("scale", "T"), .required("zeropt", "T"),
      .required("in_bitwidth", "B"), .required("out_scale", "B"), .optional("out_bitwidth", "B"),
    ],
    outputs: [.required("y", "T")], types: ["T": [.f32], "B": [.f32, .i32, .i64]])

  package let range: BitRange
  package let mode: RoundingMode

  package init(range: BitRange = BitRange(), mode: RoundingMode = .floor) {
    self.range = range
    self.mode = mode
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    range = try BitRange(&attributes)
    mode = try RoundingMode(&attributes, default: .floor)
  }

  package var attributes: Attributes {
    Attributes {
      range.describe(in: &$0)
      $0.string("rounding_mode", mode.rawValue, default: RoundingMode.floor.rawValue)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shape = try context.shape(0)
    for index in 1..<(context.hasInput(5) ? 6 : 5) {
      shape = try Broadcasting.shape(shape, try context.shape(index))
    }
    return [.tensor(.f32, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let (scale, zero) = (inputs[1], inputs[2])
    let moved = try Add().combine(try Div().combine(inputs[0], scale), zero)
    let whole = moved.mapFloats(Nearest())
    let fifth = inputs[4].converted(to: .f32)
    guard let bits = inputs.optional(5)?.converted(to: .f32) else {
      let cut = try Sub().combine(inputs[3].converted(to: .f32), fifth).mapFloats(PowerOfTwo())
      let kept = try Div().combine(whole, cut).mapFloats(Cut(mode: mode))
      return [try Mul().combine(try Sub().combine(kept, zero), scale)]
    }
    let cut = try Div().combine(fifth, scale).mapFloats(NearestPower())
    let limited = try Broadcasting.zip(
      try Div().combine(whole, cut), bits, BitLevels(range: range, mode: mode))
    let offset = try Div().combine(zero, cut)
    return [try Mul().combine(try Sub().combine(limited, offset), fifth)]
  }
}

private struct Nearest: FloatFunction {
  func apply(_ x: Double) -> Double { x.rounded(.toNearestOrEven) }
}

private struct PowerOfTwo: FloatFunction {
  func apply(_ x: Double) -> Double { exp2(x) }
}

private struct NearestPower: FloatFunction {
  func apply(_ x: Double) -> Double { exp2(log2(x).rounded(.toNearestOrEven)) }
}

private struct Cut: FloatFunction {
  let mode: RoundingMode
  func apply(_ x: Double) -> Double { Double(mode(Float(x))) }
}
