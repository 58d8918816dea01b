package import Diagnostics
import Glibc
package import IR

/// `y = max(0, x) + min(0, alpha * (e^(x / alpha) - 1))`.
///
/// Barron 2017, arXiv:1704.07483.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX Celu-28 (versions 12, 28).
package struct Celu: UnaryElementwise {
  package static let schema = OpSchema(
    "Celu", versions: [12, 28], inputs: [.required("X", "T")],
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
    x < 0 ? alpha * expm1(x / alpha) : x
  }
}
