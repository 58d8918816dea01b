package import Diagnostics
package import IR
package import Tensors

/// Quantizes to 8 bits with a scale and a zero point computed from the extremes of the input.
///
/// With `low = min(0, min(x))` and `high = max(0, max(x))`, all in single precision:
/// `scale = (high - low) / 255`, `zero_point = saturate(round_half_even(-low / scale))`,
/// `y = saturate(round_half_even(x / scale) + zero_point)`. Where all elements are zero the scale is 1.
///
/// - Input: `x`, `f32`. Outputs: `y`, `u8` of the same shape; `y_scale`, an `f32` scalar; `y_zero_point`, a `u8` scalar.
/// - Source: ONNX DynamicQuantizeLinear-11.
package struct DynamicQuantizeLinear: TensorOp, AttributeFree {
  package static let schema = OpSchema(
    "DynamicQuantizeLinear", versions: [11], inputs: [.required("x", "T1")],
    outputs: [.required("y", "T2"), .required("y_scale", "T1"), .required("y_zero_point", "T2")],
    types: ["T1": [.f32], "T2": [.u8]])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [
      .tensor(TensorType(.u8, try context.tensorType(0).shape)), .tensor(.f32, []),
      .tensor(.u8, []),
    ]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0].array(of: Float.self)
    let low = x.reduce(Float(0)) { $1 < $0 ? $1 : $0 }
    let high = x.reduce(Float(0)) { $1 > $0 ? $1 : $0 }
    let span = (high - low) / 255
    let scale = span == 0 ? 1 : span
    let range = 0...255
    let zeroPoint = Rounding.quantize(Double((0 - low) / scale), 0, range)
    let y = x.map { UInt8(Rounding.quantize(Double($0 / scale), zeroPoint, range)) }
    return [
      Tensor(y, shape: inputs[0].shape), Tensor(scalar: scale), Tensor(scalar: UInt8(zeroPoint)),
    ]
  }
}
