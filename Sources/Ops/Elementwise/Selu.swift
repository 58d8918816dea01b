package import Diagnostics
import Glibc
package import IR

/// `y = gamma * x` where `x > 0`, else `gamma * alpha * (e^x - 1)`.
///
/// Klambauer et al. 2017, arXiv:1706.02515.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1.67326319217681884765625), `gamma` (default 1.05070102214813232421875).
/// - Source: ONNX Selu-22 (versions 1, 6, 22).
package struct Selu: UnaryElementwise {
  package static let schema = OpSchema(
    "Selu", versions: [1, 6, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package let alpha: Double
  package let gamma: Double

  private static let standardAlpha = Double(Float(1.67326319217681884765625))
  private static let standardGamma = Double(Float(1.05070102214813232421875))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    gamma = try attributes.float("gamma", default: Self.standardGamma)
    attributes.ignore("consumed_inputs")
  }

  package init(alpha: Double = 1.67326319217681884765625, gamma: Double = 1.05070102214813232421875)
  {
    self.alpha = Double(Float(alpha))
    self.gamma = Double(Float(gamma))
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: Self.standardAlpha)
      $0.float("gamma", gamma, default: Self.standardGamma)
    }
  }

  package func apply(_ x: Double) -> Double {
    x > 0 ? gamma * x : gamma * alpha * expm1(x)
  }
}
