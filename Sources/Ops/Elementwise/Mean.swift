public import IR
public import Tensors

/// The mean of all inputs, element by element.
///
/// - Inputs: at least one tensor, all of one floating-point type, shapes that broadcast. Output: the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Mean-13 (versions 1, 6, 8, 13).
public struct Mean: VariadicElementwise, AttributeFree {
  public static let schema = OpSchema(
    "Mean", versions: [1, 6, 8, 13], inputs: [.variadic("data_0", "T")],
    outputs: [.required("mean", "T")], types: ["T": .floats])

  public init() {}

  public func apply(_ a: Double, _ b: Double) -> Double { a + b }

  public func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I { a &+ b }

  public func finish(_ folded: Tensor, count: Int) -> Tensor {
    folded.mapFloats { $0 / Double(count) }
  }
}
