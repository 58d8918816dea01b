import Glibc
public import IR

/// `y = 1 / (1 + e^-x)`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Sigmoid-13 (versions 1, 6, 13).
public struct Sigmoid: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Sigmoid", versions: [1, 6, 13], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
}
