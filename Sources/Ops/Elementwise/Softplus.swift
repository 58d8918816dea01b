public import IR

/// `y = ln(1 + e^x)`, element by element.
///
/// - Input: `X` of any shape and floating-point type. Output: `Y`, same shape and type.
/// - Source: ONNX Softplus-22 (versions 1, 22).
public struct Softplus: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Softplus", versions: [1, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { Activation.softplus(x) }
}
