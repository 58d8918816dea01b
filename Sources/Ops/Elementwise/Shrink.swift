package import Diagnostics
package import IR

/// `y = x + bias` where `x < -lambd`, `x - bias` where `x > lambd`, else 0.
///
/// Integers are computed in double and truncated.
///
/// - Input: any shape and numeric type. Output: same shape and type.
/// - Attributes: `lambd` (default 0.5), `bias` (default 0).
/// - Source: ONNX Shrink-9.
package struct Shrink: UnaryElementwise {
  package static let schema = OpSchema(
    "Shrink", versions: [9], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .numeric])

  package let lambd: Double
  package let bias: Double

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    lambd = try attributes.float("lambd", default: 0.5)
    bias = try attributes.float("bias", default: 0)
  }

  package init(lambd: Double = 0.5, bias: Double = 0) {
    self.lambd = lambd
    self.bias = bias
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("lambd", lambd, default: 0.5)
      $0.float("bias", bias, default: 0)
    }
  }

  package func apply(_ x: Double) -> Double {
    x < -lambd ? x + bias : (x > lambd ? x - bias : 0)
  }
}
