public import Diagnostics
import Glibc
public import IR

/// `y = max(0, x) + min(0, alpha * (e^(x / alpha) - 1))`.
///
/// Barron 2017, arXiv:1704.07483.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX Celu-28 (versions 12, 28).
public struct Celu: UnaryElementwise {
  public static let schema = OpSchema(
    "Celu", versions: [12, 28], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  public let alpha: Double

  private static let standardAlpha = Double(Float(1))

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
  }

  public init(alpha: Double = 1) {
    self.alpha = Double(Float(alpha))
  }

  public var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: Self.standardAlpha)
    }
  }

  public func apply(_ x: Double) -> Double {
    x < 0 ? alpha * expm1(x / alpha) : x
  }
}
