import Glibc
public import IR

/// `y = ln(x)`, element by element; NaN for negative numbers.
///
/// - Input: `input` of any shape and floating-point type. Output: `output`, same shape and type.
/// - Source: ONNX Log-13 (versions 1, 6, 13).
public struct Log: UnaryElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Log", versions: [1, 6, 13], inputs: [.required("input", "T")],
    outputs: [.required("output", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ x: Double) -> Double { log(x) }
}
