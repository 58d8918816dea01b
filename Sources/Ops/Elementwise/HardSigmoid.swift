package import Diagnostics
package import IR

/// `y = max(0, min(1, alpha * x + beta))`.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 0.2), `beta` (default 0.5).
/// - Source: ONNX HardSigmoid-22 (versions 1, 6, 22).
package struct HardSigmoid: UnaryElementwise {
  package static let schema = OpSchema(
    "HardSigmoid", versions: [1, 6, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package let alpha: Double
  package let beta: Double

  private static let standardAlpha = Double(Float(0.2))
  private static let standardBeta = Double(Float(0.5))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    beta = try attributes.float("beta", default: Self.standardBeta)
    attributes.ignore("consumed_inputs")
  }

  package init(alpha: Double = 0.2, beta: Double = 0.5) {
    self.alpha = Double(Float(alpha))
    self.beta = Double(Float(beta))
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: Self.standardAlpha)
      $0.float("beta", beta, default: Self.standardBeta)
    }
  }

  package func apply(_ x: Double) -> Double {
    Activation.clamp(alpha * x + beta, 0, 1)
  }
}
