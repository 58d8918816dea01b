package import Diagnostics
package import IR

/// `y = x` where `x > alpha`, else 0; NaN becomes 0.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX ThresholdedRelu-22 (versions 10, 22).
package struct ThresholdedRelu: UnaryElementwise {
  package static let schema = OpSchema(
    "ThresholdedRelu", versions: [10, 22], inputs: [.required("X", "T")],
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
    x > alpha ? x : 0
  }
}
