package import Diagnostics
import Glibc
package import IR

/// `y = x/2 * (1 + erf(x / sqrt(2)))`, or its approximation by a hyperbolic tangent.
///
/// Hendrycks and Gimpel 2016, arXiv:1606.08415.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `approximate` is `none` (the default) or
///   `tanh`: `y = x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 * x^3)))`.
/// - Source: ONNX Gelu-20.
package struct Gelu: UnaryElementwise {
  package static let schema = OpSchema(
    "Gelu", versions: [20], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
    types: ["T": .floats])

  /// Whether the hyperbolic tangent stands in for the error function.
  package let usesTanh: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    let choice = try attributes.string("approximate", default: "none", oneOf: ["none", "tanh"])
    usesTanh = choice == "tanh"
  }

  package init(usesTanh: Bool = false) { self.usesTanh = usesTanh }

  package var attributes: Attributes {
    Attributes { $0.string("approximate", usesTanh ? "tanh" : "none", default: "none") }
  }

  package func apply(_ x: Double) -> Double {
    if usesTanh {
      let root = (2 / Double.pi).squareRoot()
      return 0.5 * x * (1 + tanh(root * (x + 0.044715 * x * x * x)))
    }
    // erfc keeps the digits that 1 + erf loses for large negative numbers.
    return 0.5 * x * erfc(-x * 0.5.squareRoot())
  }
}
