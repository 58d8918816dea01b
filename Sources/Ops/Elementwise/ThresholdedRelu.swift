public import Diagnostics
public import IR

/// `y = x` where `x > alpha`, else 0; NaN becomes 0.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Attributes: `alpha` (default 1).
/// - Source: ONNX ThresholdedRelu-22 (versions 10, 22).
public struct ThresholdedRelu: UnaryElementwise {
  public static let schema = OpSchema(
    "ThresholdedRelu", versions: [10, 22], inputs: [.required("X", "T")],
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
    x > alpha ? x : 0
  }
}
