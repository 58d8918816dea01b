package import Diagnostics
package import IR

/// `y = x` where `x >= 0`, else `alpha * x`.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 0.01).
/// - Source: ONNX LeakyRelu-16 (versions 1, 6, 16).
package struct LeakyRelu: UnaryElementwise {
  package static let schema = OpSchema(
    "LeakyRelu", versions: [1, 6, 16], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package let alpha: Double

  private static let standardAlpha = Double(Float(0.01))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    attributes.ignore("consumed_inputs")
  }

  package init(alpha: Double = 0.01) {
    self.alpha = Double(Float(alpha))
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: Self.standardAlpha)
    }
  }

  package func apply(_ x: Double) -> Double {
    x < 0 ? alpha * x : x
  }
}
