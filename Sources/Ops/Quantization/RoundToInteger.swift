package import Diagnostics
package import IR
package import Tensors

/// `y = saturate(round_half_even(x) + zero_point)`, NaN giving the least integer: QuantizeLinear without its division.
///
/// - Input: `x` of any shape, f32. Output: `y`, same shape, of type `to`.
/// - Attributes: `to`, an integer type of 8 or 16 bits; `zero_point` (default 0).
/// - Errors: `type.element`.
/// - Source: Martlet's own, after ONNX QuantizeLinear-25.
package struct RoundToInteger: TensorOp, Elementwise {
  package static let targets: TypeSet = [.i8, .u8, .i16, .u16]

  package static let schema = OpSchema(
    "RoundToInteger", domain: "martlet", versions: [1], inputs: [.required("x", "T1")],
    outputs: [.required("y", "T2")], types: ["T1": [.f32], "T2": targets])

  package let target: ElementType
  package let zeroPoint: Int

  package init(to target: ElementType, zeroPoint: Int) {
    self.target = target
    self.zeroPoint = zeroPoint
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let target = try attributes.nonzeroElementType("to") else {
      throw attributes.missing("to")
    }
    self.target = target
    zeroPoint = try attributes.int("zero_point", default: 0)
    guard Self.targets.contains(target) else {
      throw Diagnostic("type.element", "'to' is \(target), expected an integer of 8 or 16 bits")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("to", Int(target.rawValue))
      $0.int("zero_point", zeroPoint, default: 0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(target, try context.tensorType(0).shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let range = target.integerRange
    let y = inputs[0].array(of: Float.self).map { x in
      x.isNaN ? range.lowerBound : Rounding.quantize(Double(x), zeroPoint, range)
    }
    return [Tensor(integers: y, shape: inputs[0].shape, type: target)]
  }
}
