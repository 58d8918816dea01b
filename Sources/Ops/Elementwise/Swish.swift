package import Diagnostics
import Glibc
package import IR

/// `y = x / (1 + e^(-alpha * x))`, that is `x * sigmoid(alpha * x)`.
///
/// Ramachandran et al. 2017, arXiv:1710.05941.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX Swish-24 (versions 24).
package struct Swish: UnaryElementwise {
  package static let schema = OpSchema(
    "Swish", versions: [24], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package let alpha: Double

  private static let standardAlpha = Double(Float(1))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
  }

  package init(alpha: Double = 1) {
    self.alpha = Double(Float(alpha))
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: Self.standardAlpha)
    }
  }

  package func apply(_ x: Double) -> Double {
    x / (1 + exp(-alpha * x))
  }
}
