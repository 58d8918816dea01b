public import Diagnostics
import Glibc
public import IR

/// `y = x / (1 + e^(-alpha * x))`, that is `x * sigmoid(alpha * x)`.
///
/// Ramachandran et al. 2017, arXiv:1710.05941.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX Swish-24 (versions 24).
public struct Swish: UnaryElementwise {
  public static let schema = OpSchema(
    "Swish", versions: [24], inputs: [.required("X", "T")],
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
    x / (1 + exp(-alpha * x))
  }
}
