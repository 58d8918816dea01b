package import Diagnostics
import Glibc
package import IR
package import Tensors

/// `z = x^y` with multidirectional broadcasting.
///
/// Integer powers wrap; an integer base with a negative exponent gives the quotient rounded toward zero. An integer base
/// with a floating-point exponent is raised in double and truncated.
///
/// - Inputs: base `X`, exponent `Y` of any numeric type, shapes that broadcast. Output: `Z` of the base's type.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Pow-15 (versions 7, 12, 13, 15).
package struct Pow: TensorOp, AttributeFree, FloatPairFunction {
  package static let schema = OpSchema(
    "Pow", versions: [7, 12, 13, 15], inputs: [.required("X", "T"), .required("Y", "T1")],
    outputs: [.required("Z", "T")],
    types: ["T": [.i32, .i64, .f16, .f32, .f64, .bf16], "T1": .numeric])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try Broadcasting.shape(try context.shape(0), try context.shape(1))
    return [.tensor(try context.element(0), shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let base = inputs[0]
    let exponent = inputs[1]
    if base.type.isFloat, base.type == exponent.type {
      return [try Broadcasting.zipFloats(base, exponent, self)]
    }
    if base.type.isInteger, exponent.type.isInteger {
      let powers = try Broadcasting.zip(
        base.converted(to: .i64), exponent.converted(to: .i64), IntegerPower())
      return [powers.converted(to: base.type)]
    }
    let powers = try Broadcasting.zipFloats(
      base.converted(to: .f64), exponent.converted(to: .f64), self)
    return [powers.converted(to: base.type)]
  }

  package func apply(_ base: Double, _ exponent: Double) -> Double {
    exponent == 2 ? base * base : pow(base, exponent)
  }

}

/// A power of integers; a negative exponent gives the quotient rounded toward zero.
private struct IntegerPower: PairFunction {
  func callAsFunction(_ base: Int64, _ exponent: Int64) -> Int64 {
    if exponent < 0 {
      guard base == 1 || base == -1 else { return 0 }
      return base == 1 || exponent % 2 == 0 ? 1 : -1
    }
    var result: Int64 = 1
    var factor = base
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result &* factor }
      factor = factor &* factor
      rest >>= 1
    }
    return result
  }
}
