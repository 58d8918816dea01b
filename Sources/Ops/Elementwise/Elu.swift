package import Diagnostics
import Glibc
package import IR

/// `y = x` where `x >= 0`, else `alpha * (e^x - 1)`.
///
/// Clevert et al. 2015, arXiv:1511.07289.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX Elu-22 (versions 1, 6, 22).
package struct Elu: UnaryElementwise {
  package static let schema = OpSchema(
    "Elu", versions: [1, 6, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package let alpha: Double

  private static let standardAlpha = Double(Float(1))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    attributes.ignore("consumed_inputs")
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
    x < 0 ? alpha * expm1(x) : x
  }
}
