public import Diagnostics
import Glibc
public import IR

/// `y = x` where `x >= 0`, else `alpha * (e^x - 1)`.
///
/// Clevert et al. 2015, arXiv:1511.07289.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX Elu-22 (versions 1, 6, 22).
public struct Elu: UnaryElementwise {
  public static let schema = OpSchema(
    "Elu", versions: [1, 6, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  public let alpha: Double

  private static let standardAlpha = Double(Float(1))

  public init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    attributes.ignore("consumed_inputs")
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
    x < 0 ? alpha * expm1(x) : x
  }
}
